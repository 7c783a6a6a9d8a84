"""Whose words stand in an edit: a person's own, or a machine's that a person let stand."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

ALIKE = 0.8
"""From this likeness on, words are a machine's that somebody touched up, not words of their own."""


@dataclass(frozen=True)
class Drafted:
    """A machine drafted these words, and a person in this role let them stand."""

    model: str
    role: str


def origin_of(words: str, proposed: Iterable[tuple[str, str]], role: str) -> Drafted | None:
    """Who drafted these words, if they are much like those of one proposal.

    `proposed` are a model and its words each; `role` is that of who lets them stand.
    """
    if not words:
        return None
    for model, said in proposed:
        if SequenceMatcher(None, _plain(words), _plain(said)).ratio() >= ALIKE:
            return Drafted(model, role)
    return None


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())

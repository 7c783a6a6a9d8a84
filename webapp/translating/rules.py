"""How far a translation has come, and which of the city's terms a text has to use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from webapp.accounts.rules import Role
from webapp.measures.models import Origin
from webapp.refusal import N_, Refusal

MAY_TRANSLATE = (Role.TRANSLATOR, Role.ADMINISTRATOR)
LONGEST_TEXT = 4_000
LONGEST_TERM = 80


class State(StrEnum):
    """How far the translation of one text has come, the most urgent first."""

    MISSING = "missing"
    STALE = "stale"
    MACHINE = "machine"
    DONE = "done"


class TranslationChanged(Refusal):
    status = 409
    title = N_("This translation has changed")
    explanation = N_("Someone else has published another one meanwhile. Your words are kept below.")


class SourceMoved(Refusal):
    status = 409
    title = N_("The Japanese has changed")
    explanation = N_("It is not what you translated any more. Your words are kept below.")


class TranslationEmpty(Refusal):
    explanation = N_("Please write the translation.")


class TermKnown(Refusal):
    status = 409
    explanation = N_("The glossary has this term already.")


class TermEmpty(Refusal):
    explanation = N_("A term needs its Japanese and its translation.")


@dataclass(frozen=True)
class Wording:
    """A translation as it is brought to the desk: of which text, from which Japanese version."""

    text_id: int
    source_version: int
    body: str


def state_of(source_version: int, made_from: int | None, origin: Origin | None) -> State:
    """The state of a translation made from `made_from`; no origin means there is none."""
    if origin is None:
        return State.MISSING
    if made_from is not None and made_from < source_version:
        return State.STALE
    return State.MACHINE if origin is Origin.MACHINE else State.DONE


class Term(Protocol):
    """An entry of the glossary."""

    @property
    def source(self) -> str: ...
    @property
    def target(self) -> str: ...


@dataclass(frozen=True)
class Pair:
    """Two words for the same, read in either direction."""

    source: str
    target: str


@dataclass(frozen=True)
class Piece:
    """A run of a text; `target` is how the city calls it, empty for other words."""

    text: str
    target: str = ""


def marked(text: str, terms: Iterable[Term]) -> list[Piece]:
    """The text cut at the terms it uses, the longest term first; joined again it is the text."""
    known = {term.source.casefold(): term.target for term in terms if term.source}
    longest_first = sorted(known, key=lambda source: (-len(source), source))
    if not known:
        return [Piece(text)] if text else []
    parts = re.split(f"({'|'.join(map(_whole, longest_first))})", text, flags=re.IGNORECASE)
    targets = [known.get(part.casefold(), "") if at % 2 else "" for at, part in enumerate(parts)]
    return [Piece(part, target) for part, target in zip(parts, targets, strict=True) if part]


def used(pieces: Iterable[Piece]) -> Sequence[Piece]:
    """The terms among these, each once."""
    return list(dict.fromkeys(piece for piece in pieces if piece.target))


def _whole(source: str) -> str:
    """A pattern for a term; what begins or ends with a Latin letter is no part of a longer word."""
    before = "(?<![a-z])" if source[0].isascii() and source[0].isalpha() else ""
    after = "(?![a-z])" if source[-1].isascii() and source[-1].isalpha() else ""
    return before + re.escape(source) + after


def terms_left_out(text: str, translation: str, terms: Iterable[Term]) -> Sequence[Piece]:
    """The terms of the Japanese that the translation calls otherwise, each once."""
    said = translation.casefold()
    return [one for one in used(marked(text, terms)) if one.target.casefold() not in said]

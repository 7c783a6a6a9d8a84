"""What a watched word is, and what is noted where one stands in a comment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from webapp.refusal import N_, Refusal

WATCHED_WORD = "watched-word"
"""The rule that a flag names."""

LONGEST_WORDS = 100
MOST_EXAMPLES = 5


class WordState(StrEnum):
    """On trial it is only counted; when watched, it flags; removed, it does nothing any more."""

    TRIAL = "trial"
    WATCHED = "watched"
    REMOVED = "removed"


TRANSITIONS: Mapping[WordState, tuple[WordState, ...]] = {
    WordState.TRIAL: (WordState.WATCHED, WordState.REMOVED),
    WordState.WATCHED: (WordState.TRIAL, WordState.REMOVED),
    WordState.REMOVED: (),
}


class AlreadyListed(Refusal):
    status = 409
    explanation = N_("“%(words)s” is on the list already.")


class ChangedMeanwhile(Refusal):
    status = 409
    title = N_("The list has changed")
    explanation = N_("Someone else has just changed this word. Please look at it again.")


@dataclass(frozen=True)
class Listed:
    """A word of the list as the machine needs it."""

    id: int
    words: str
    state: WordState


@dataclass(frozen=True)
class Found:
    """A listed word in a text, in code points [start, end)."""

    word: Listed
    start: int
    end: int


@dataclass(frozen=True)
class Looked:
    """What was found in one comment as it stood at `version`."""

    comment_id: int
    version: int
    found: Sequence[Found]

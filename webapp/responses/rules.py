"""What an answer of the city is, and which comments it may answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from webapp.accounts.rules import Role
from webapp.measures.rules import SOURCE_LANGUAGE
from webapp.refusal import N_, Refusal

MAY_ANSWER = (Role.OFFICIAL, Role.ADMINISTRATOR)
LONGEST_ANSWER = 4_000
"""User-perceived characters in one language."""
MOST_ANSWERED = 10_000
"""Comments that one answer may answer."""


class Category(StrEnum):
    """What the city does with the opinions (対応区分), as Japanese cities name it in results."""

    ADOPTED = "adopted"
    ALREADY_THERE = "already-there"
    FOR_LATER = "for-later"
    NOT_ADOPTED = "not-adopted"
    EXPLAINED = "explained"


class AnswerEmpty(Refusal):
    explanation = N_("An answer needs words in Japanese.")


class NothingAnswered(Refusal):
    explanation = N_("Please say which comments this answers.")


class NotAnswerable(Refusal):
    explanation = N_("These are no decided opinions on this measure: %(numbers)s")


class TooManyAnswered(Refusal):
    explanation = N_("One answer may answer %(most)s comments.")


class BadNumbers(Refusal):
    explanation = N_("Please write comment numbers like this: 12, 15, 20-25")


class AnswerChanged(Refusal):
    status = 409
    title = N_("This answer has changed")
    explanation = N_("Someone else has changed it meanwhile. Your words are kept below.")


class AlreadyPublished(Refusal):
    status = 409
    explanation = N_("This version of the answer is already published.")


@dataclass(frozen=True)
class Wording:
    """What an answer says: its category, and its words by language, the Japanese always there.

    Raises AnswerEmpty.
    """

    category: Category
    bodies: Mapping[str, str]

    def __post_init__(self) -> None:
        if not self.bodies.get(SOURCE_LANGUAGE):
            raise AnswerEmpty


_PART = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?", re.ASCII)


def numbers_in(typed: str) -> tuple[int, ...]:
    """The comment numbers of "12, 15, 20-25", each once, in order.

    Raises BadNumbers, and TooManyAnswered for a range that is too long.
    """
    found: dict[int, None] = {}
    joined = re.sub(r"\s*[-–〜~]\s*", "-", unicodedata.normalize("NFKC", typed))
    for part in filter(None, re.split(r"[,、\s]+", joined)):
        match = _PART.fullmatch(part)
        if match is None:
            raise BadNumbers
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise BadNumbers
        if last - first >= MOST_ANSWERED or len(found) + last - first >= MOST_ANSWERED:
            raise TooManyAnswered(most=f"{MOST_ANSWERED:,}")
        found.update(dict.fromkeys(range(first, last + 1)))
    return tuple(sorted(found))


def written(numbers: tuple[int, ...]) -> str:
    """The same numbers as a person would write them: runs as ranges."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ", ".join("-".join(str(end) for end in run) for run in runs)

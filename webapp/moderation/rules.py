"""What a moderator may decide and on which grounds, and what a machine may say about a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Protocol

from webapp.accounts.rules import Role
from webapp.comments.rules import Publication, Treatment
from webapp.refusal import N_, Refusal

MAY_DECIDE = (Role.MODERATOR, Role.ADMINISTRATOR)


class Reason(StrEnum):
    """The grounds for withholding. "False information" is deliberately none of them."""

    PERSONAL_DATA = "personal-data"
    ABUSE = "abuse"
    DISCRIMINATION = "discrimination"
    ADVERTISING = "advertising"
    UNLAWFUL = "unlawful"
    UNREADABLE = "unreadable"
    OFF_TOPIC = "off-topic"


COVERABLE = (
    Reason.PERSONAL_DATA,
    Reason.ABUSE,
    Reason.DISCRIMINATION,
    Reason.ADVERTISING,
    Reason.UNLAWFUL,
)
"""The grounds on which words may be covered; on the others nothing would be left to read."""


class Change(StrEnum):
    """What a later decision changed of what anyone may read."""

    WITHHELD = "withheld"
    PUBLISHED = "published"
    COVERED = "covered"
    UNCOVERED = "uncovered"
    COVERED_OTHERWISE = "covered-otherwise"


class ScreeningState(StrEnum):
    """How far the machine has come with a comment. Only a pending one cannot be decided yet."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


MOST_ATTEMPTS = 5
"""A screening that failed this often holds its comment and says so."""

SCREENING_LEASE = timedelta(minutes=2)
"""How long a worker may take over one comment before another one tries."""

SCREENING_FAILED = "screening-failed"
SAME_TEXT = "same-text"
NEAR_COPY = "near-copy"


class AlreadyDecided(Refusal):
    status = 409
    title = N_("Someone else has decided this comment")
    explanation = N_("%(who)s decided it at %(decided_at)s. Your note is kept below.")


class CommentChanged(Refusal):
    status = 409
    title = N_("This comment has changed")
    explanation = N_("It is not what you read any more. Please read it again before you decide.")


class WithdrawnMeanwhile(Refusal):
    status = 409
    title = N_("The author has withdrawn this comment")
    explanation = N_(
        "It was withdrawn on %(withdrawn_at)s, so there is nothing left to decide. "
        "Your note is kept below."
    )


class SecondLookIsForAnother(Refusal):
    status = 409
    title = N_("Someone else has to take the second look")
    explanation = N_(
        "You withheld this comment yourself, and its author asked that another person look at it."
    )


class AlreadyProposed(Refusal):
    status = 409
    title = N_("Someone else has read this comment first")
    explanation = N_(
        "%(who)s proposed a decision at %(proposed_at)s, and it takes a second person. Please read "
        "it and confirm it, or decide otherwise. Your note is kept below."
    )


class HeldByAnother(Refusal):
    status = 409
    title = N_("Someone else is working on this comment")
    explanation = N_(
        "%(who)s has taken it up until %(ends_at)s. You can take it over on its page, with a "
        "reason. Your note is kept below."
    )


class TooLateToUndo(Refusal):
    status = 409
    title = N_("This can no longer be undone")
    explanation = N_(
        "A decision can be undone for a short while, by the person who made it, as long as nothing "
        "else has happened to the comment. You can still correct it with a new decision."
    )


class NotScreenedYet(Refusal):
    status = 409
    title = N_("The machine has not checked this comment yet")
    explanation = N_("A comment can be decided once it has been checked. Please try again shortly.")


class ReasonMissing(Refusal):
    explanation = N_("Withholding a comment needs a reason.")


class NoVerdict(Refusal):
    explanation = N_("Please say whether people may read it, and whether it counts.")


class NothingCovered(Refusal):
    explanation = N_("Please say which parts are covered, or publish the comment as it is.")


class NothingLeft(Refusal):
    explanation = N_("Nothing would be left to read. Please withhold the comment instead.")


@dataclass(frozen=True, order=True)
class Covered:
    """A span of a text that nobody may read, in code points [start, end), and why."""

    start: int
    end: int
    reason: Reason


@dataclass(frozen=True)
class Verdict:
    """What a person decided: may people read it, and does it count. A published one has no reason.

    Only a redacted one has covered spans, each with its own reason; whether they cover anything
    is known beside the text. Raises ReasonMissing, and NoVerdict for what nobody can decide.
    """

    publication: Publication
    treatment: Treatment = Treatment.COUNTS
    reason: Reason | None = None
    note: str = ""
    covered: tuple[Covered, ...] = ()

    def __post_init__(self) -> None:
        if self.publication in (Publication.WAITING, Publication.WITHDRAWN):
            raise NoVerdict
        if self.covered and self.publication is not Publication.REDACTED:
            raise NoVerdict
        if self.treatment is Treatment.UNDECIDED:
            raise NoVerdict
        if self.publication is Publication.WITHHELD and self.reason is None:
            raise ReasonMissing

    @property
    def grave(self) -> frozenset[str]:
        """What of this verdict takes two people: each of them must have said it."""
        said = {self.publication.value, self.treatment.value}
        return frozenset(said & {Publication.WITHHELD.value, Treatment.NOT_AN_OPINION.value})


@dataclass(frozen=True)
class DeskRules:
    """How the city runs its desk: is there a second person, and how long may one undo."""

    second_person: bool = False
    undo_within: timedelta = timedelta(0)


LEAVING = timedelta(seconds=20)
"""How long a claim outlasts its page: a page that is only loaded again takes it up anew."""


@dataclass(frozen=True)
class FoundFlag:
    """Something a rule noticed, in code points [start, end); no length means the whole text."""

    rule: str
    start: int = 0
    end: int = 0
    detail: str = ""


@dataclass(frozen=True)
class Findings:
    """What the machine noticed in one text.

    `fingerprint` is equal for equal wordings; `bands` are the shelves it stands on among its like.
    """

    language: str
    flags: Sequence[FoundFlag]
    fingerprint: str
    bands: Sequence[int]


class Span(Protocol):
    """A flag, found or stored."""

    @property
    def rule(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True)
class Piece:
    """A run of a text under the same flags. `ending` are the rules whose span ends with it."""

    text: str
    rules: tuple[str, ...] = ()
    ending: tuple[str, ...] = ()


def pieces(text: str, flags: Sequence[Span]) -> list[Piece]:
    """The text cut at every edge of a flag; joined again it is the text, whatever overlaps."""
    clipped = {(max(0, flag.start), min(len(text), flag.end), flag.rule) for flag in flags}
    spans = sorted(span for span in clipped if span[0] < span[1])
    edges = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    cut = []
    for start, end in pairwise(edges):
        over = [span for span in spans if span[0] <= start and end <= span[1]]
        rules = dict.fromkeys(rule for *_, rule in over)
        ending = dict.fromkeys(rule for _, last, rule in over if last == end)
        cut.append(Piece(text[start:end], tuple(rules), tuple(ending)))
    return cut

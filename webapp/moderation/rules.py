"""What a moderator may decide and on which grounds, and what a machine may say about a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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


class NothingLeftTogether(Refusal):
    status = 409
    title = N_("None of these comments waits any more")
    explanation = N_(
        "Others have decided them, or their authors changed them, while you were reading."
    )


class NotScreenedYet(Refusal):
    status = 409
    title = N_("The machine has not checked this comment yet")
    explanation = N_("A comment can be decided once it has been checked. Please try again shortly.")


class ReasonMissing(Refusal):
    explanation = N_("Withholding a comment needs a reason.")


class NoVerdict(Refusal):
    explanation = N_("Please say whether people may read it, and whether it counts.")


@dataclass(frozen=True)
class Verdict:
    """What a person decided: may people read it, and does it count. A published one has no reason.

    Raises ReasonMissing, and NoVerdict for what a moderator cannot decide (`redacted` needs spans
    to cover, which do not exist yet).
    """

    publication: Publication
    treatment: Treatment = Treatment.COUNTS
    reason: Reason | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.publication not in (Publication.PUBLISHED, Publication.WITHHELD):
            raise NoVerdict
        if self.treatment is Treatment.UNDECIDED:
            raise NoVerdict
        if self.publication is Publication.WITHHELD and self.reason is None:
            raise ReasonMissing


@dataclass(frozen=True)
class Membership:
    """What was shown: comments with these wordings that were folded until `upto`, so many."""

    upto: int
    wording_ids: tuple[int, ...]
    shown: int


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


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST_ID = 2**31 - 1
_KEY = re.compile(r"(\d{1,16})-(\d{1,10})", re.ASCII)


@dataclass(frozen=True, order=True)
class QueueKey:
    """A place in the queue, which is ordered by the time of receipt. Written like 1795…-12."""

    received_at: datetime
    id: int

    @classmethod
    def parse(cls, written: str) -> QueueKey | None:
        """The place this says, or None when it says none."""
        found = _KEY.fullmatch(written)
        if not found or int(found[2]) > LARGEST_ID:
            return None
        return cls(_EPOCH + timedelta(microseconds=int(found[1])), int(found[2]))

    def __str__(self) -> str:
        return f"{(self.received_at - _EPOCH) // timedelta(microseconds=1)}-{self.id}"


@dataclass(frozen=True)
class QueueFilter:
    """Which part of the queue is wanted: a stage's slug, a pillar's or measure's code, and so on.

    `age` is for how many days it has waited at least, `words` what its text holds, all of them.
    """

    stage: str = ""
    pillar: str = ""
    measure: str = ""
    language: str = ""
    channel: str = ""
    flag: str = ""
    age: str = ""
    words: str = ""

    @property
    def days(self) -> int:
        """`age` as a number, 0 for any; what is no number asks for nothing."""
        return int(self.age) if re.fullmatch(r"\d{1,4}", self.age, re.ASCII) else 0

    @property
    def is_about_texts(self) -> bool:
        """Whether comments have to be looked at one by one to know which are wanted."""
        return bool(self.language or self.channel or self.flag or self.words.split())

"""The life of a letter: owed, perhaps held, claimed, handed over, then sent, unknown or dead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from webapp.refusal import N_, Refusal


class LetterKind(StrEnum):
    RECEIVED = "received"
    """The first letter to an author, and the only one that goes to an unconfirmed address."""
    DECISION = "decision"
    WITHDRAWN = "withdrawn"
    ANSWERED = "answered"
    WEEKLY_REPORT = "weekly-report"
    NUDGE = "nudge"
    """To a moderator: something waits longer than it should."""
    REPORT_TEST = "report-test"
    """The newest report of a stage, because somebody asked to see how the letter looks."""


class DeliveryState(StrEnum):
    OWED = "owed"
    HELD = "held"
    """Owed to an address that nobody has confirmed yet; confirming makes it owed again."""
    CLAIMED = "claimed"
    HANDING_OVER = "handing-over"
    SENT = "sent"
    UNKNOWN = "unknown"
    DEAD = "dead"


NOT_DEAD = tuple(state for state in DeliveryState if state is not DeliveryState.DEAD)
UNDER_WAY = (DeliveryState.OWED, DeliveryState.CLAIMED, DeliveryState.HANDING_OVER)

# A claim that lapses before the text was handed over sent nothing, so the letter is owed again.
# A lapse while handing over may have sent it: only a person, or a mailbox that can be looked into,
# may say what became of it.
LAPSED = {
    DeliveryState.CLAIMED: DeliveryState.OWED,
    DeliveryState.HANDING_OVER: DeliveryState.UNKNOWN,
}

LEASE = timedelta(minutes=5)

PAUSES = tuple(
    timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 720, 720, 720, 720)
)  # about 72 hours in all


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after this many attempts failed; None when it is time to give up."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


LONGEST_TROUBLE = 500
_WORDS = re.compile(r"""(?:"[^"]*"@)?[^\s<>()\[\]{},;:"]+""")
_AT = re.compile("[@＠]|%40")


def without_addresses(trouble: str) -> str:
    """What a mail server said, as it may be kept: with "…@…" for the addresses that it repeats.

    At most LONGEST_TROUBLE characters. An address stands sealed in one table only, from which it
    can be erased.
    """
    return _WORDS.sub(lambda word: "…@…" if _AT.search(word[0]) else word[0], trouble)[
        :LONGEST_TROUBLE
    ]


def author(comment_id: int) -> str:
    """The recipient of a letter that is owed to the author of this comment."""
    return f"author:{comment_id}"


@dataclass(frozen=True)
class AuthorKey:
    """Whom the links of a letter speak for: the author of a comment at one address.

    `address` is the keyed digest of the address, empty where none was kept.
    """

    comment_id: int
    address: str = ""


class AddressUnconfirmed(Exception):
    """Nobody has confirmed the address yet, so this letter has to wait."""


class Overtaken(Exception):
    """The claim on a letter lapsed before its text left: it is not this worker's any more."""


@dataclass(frozen=True)
class Picture:
    """A PNG that the HTML of a letter shows under `name`; `words` say all that it shows."""

    name: str
    content: bytes
    words: str


@dataclass(frozen=True)
class File:
    """A file that goes with a letter. `kind` is its media type, like application/pdf."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """What is to be written: to whom, in which language, from which templates.

    `template` names a folder under templates/letters; `facts` is what its files may use. A letter
    with an `author` carries the links by which its reader confirms the address or stops letters;
    `stop_url` is the link that stops a letter to anybody else.
    """

    to: str
    lang: str
    template: str
    facts: Mapping[str, object] = field(default_factory=dict)
    author: AuthorKey | None = None
    stop_url: str = ""
    pictures: tuple[Picture, ...] = ()
    files: tuple[File, ...] = ()


class NotInDoubt(Refusal):
    status = 409
    explanation = N_("This letter has been settled already.")

"""The life of a letter: owed, claimed, handed over, then sent, unknown or dead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from webapp.refusal import N_, Refusal


class LetterKind(StrEnum):
    DECISION = "decision"
    WEEKLY_REPORT = "weekly-report"


class DeliveryState(StrEnum):
    OWED = "owed"
    CLAIMED = "claimed"
    HANDING_OVER = "handing-over"
    SENT = "sent"
    UNKNOWN = "unknown"
    DEAD = "dead"


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


@dataclass(frozen=True)
class Letter:
    """What is to be written: to whom, in which language, from which templates.

    `template` names a folder under templates/letters; `facts` is what its files may use.
    """

    to: str
    lang: str
    template: str
    facts: Mapping[str, object] = field(default_factory=dict)


class NotInDoubt(Refusal):
    status = 409
    explanation = N_("This letter has been settled already.")

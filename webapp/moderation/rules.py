"""What a moderator may decide, and on which grounds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from webapp.comments.rules import Publication, Treatment
from webapp.refusal import N_, Refusal


class Reason(StrEnum):
    """The grounds for withholding. "False information" is deliberately none of them."""

    PERSONAL_DATA = "personal-data"
    ABUSE = "abuse"
    DISCRIMINATION = "discrimination"
    ADVERTISING = "advertising"
    UNLAWFUL = "unlawful"
    UNREADABLE = "unreadable"
    OFF_TOPIC = "off-topic"


MOST_ATTEMPTS = 5
"""A screening that failed this often holds its comment and says so."""


class AlreadyDecided(Refusal):
    status = 409
    title = N_("Someone else has decided this comment")
    explanation = N_("%(who)s decided it at %(decided_at)s. Your note is kept below.")


class ReasonMissing(Refusal):
    explanation = N_("Withholding a comment needs a reason.")


@dataclass(frozen=True)
class Verdict:
    """What a person decided. A published comment has no reason, a withheld one must have one."""

    publication: Publication
    treatment: Treatment = Treatment.COUNTS
    reason: Reason | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.publication is Publication.WITHHELD and self.reason is None:
            raise ReasonMissing

"""When identities are due to be deleted, and what stands against showing one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from webapp.refusal import N_, NotThere, Refusal


@dataclass(frozen=True)
class Held:
    """What is held for one period: how many identities and e-mail addresses, until which day."""

    period_id: int
    stage: str
    opens_on: date
    closes_on: date
    purge_on: date
    identities: int
    contacts: int

    def is_due(self, today: date) -> bool:
        """Whether the day of deletion has come and something is still there."""
        return self.purge_on <= today and bool(self.identities or self.contacts)


@dataclass(frozen=True)
class Purged:
    """What was deleted for one period."""

    period_id: int
    identities: int
    contacts: int


class NoIdentity(NotThere):
    title = N_("No name or address is held")
    explanation = N_("No name or address is held for this comment, or it has been deleted.")


class Unreadable(Refusal):
    status = 409
    explanation = N_(
        "This was sealed with a key that the configuration does not name any more. "
        "Please ask who runs the site to add the old key to IDENTITY_KEYS."
    )

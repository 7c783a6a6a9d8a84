"""Which comments one decision over many is about: those that were shown, as they were shown."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.refusal import N_, Refusal


@dataclass(frozen=True)
class Membership:
    """Comments with these wordings that were folded until `upto`, so many.

    With a `proposal`, only those that were proposed together with it.
    """

    upto: int
    wording_ids: tuple[int, ...]
    shown: int
    proposal: int | None = None


class NothingLeftTogether(Refusal):
    status = 409
    title = N_("None of these comments is left to decide")
    explanation = N_(
        "Others have decided them or are working on them, or their authors changed them, while you "
        "were reading."
    )

"""Which decisions stand: those that nobody has taken back."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased, joinedload

from webapp.moderation.models import Decision, Proposal, Undoing


def stands(decision: type[Decision] = Decision) -> ColumnElement[bool]:
    """The condition for a decision not to have been undone."""
    return ~(
        select(Undoing.version)
        .where(Undoing.comment_id == decision.comment_id, Undoing.version == decision.version)
        .exists()
    )


def is_first(act: type[Decision] | type[Proposal]) -> ColumnElement[bool]:
    """The condition for nothing to stand that was decided about its comment before."""
    earlier = aliased(Decision)
    return ~(
        select(earlier.id)
        .where(earlier.comment_id == act.comment_id, earlier.version < act.version, stands(earlier))
        .exists()
    )


def undoings_of(session: Session, comment_id: int) -> Mapping[int, Undoing]:
    """What was taken back, by the version it had been decided on."""
    found = session.scalars(
        select(Undoing)
        .where(Undoing.comment_id == comment_id)
        .order_by(Undoing.version)
        .options(joinedload(Undoing.moderator))
    )
    return {undoing.version: undoing for undoing in found}

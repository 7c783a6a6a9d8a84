"""Which withholdings their authors asked to have looked at again, and by whom that may be done."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from webapp.accounts.models import Staff
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.moderation.models import Appeal, Decision
from webapp.moderation.rules import MAY_DECIDE


def open_appeal(session: Session, comment_id: int) -> Appeal | None:
    """The appeal that waits for a second look, with the decision it is about."""
    return session.scalar(
        select(Appeal)
        .join(Comment, Comment.id == Appeal.comment_id)
        .where(Appeal.comment_id == comment_id, Comment.publication == Publication.WAITING)
        .order_by(Appeal.id.desc())
        .limit(1)
        .options(joinedload(Appeal.decision))
    )


def appeals_of(session: Session, comment_id: int) -> Sequence[Appeal]:
    """Every appeal there was, the first one first."""
    return session.scalars(
        select(Appeal).where(Appeal.comment_id == comment_id).order_by(Appeal.id)
    ).all()


def may_look_again(session: Session, appeal: Appeal, moderator_id: int) -> bool:
    """Whether this moderator may take the second look: anyone but the one who withheld.

    Where nobody else could, the same person has to.
    """
    first = appeal.decision.moderator_id
    if moderator_id != first:
        return True
    others = select(Staff.id).where(
        Staff.role.in_(MAY_DECIDE), Staff.disabled_at.is_(None), Staff.id != first
    )
    return session.scalar(others.limit(1)) is None


def is_appealed(*about_the_decision: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition for a waiting comment to wait for a second look."""
    return (
        select(Appeal.id)
        .join(Decision, Decision.id == Appeal.decision_id)
        .where(Appeal.comment_id == Comment.id, *about_the_decision)
        .exists()
    )

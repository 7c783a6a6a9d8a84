"""What may still be done with a comment, asked of the record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.rules import Publication, Treatment
from webapp.moderation.models import Appeal, Decision
from webapp.moderation.queries import latest_decision
from webapp.moderation.standing import stands


def may_be_revised(comment: Comment, now: datetime) -> bool:
    """Only what nobody has decided yet, and only while its period lasts."""
    waits = comment.publication is Publication.WAITING
    undecided = comment.treatment is Treatment.UNDECIDED
    return waits and undecided and now < comment.period.closes_at


def appealable_decision(session: Session, comment: Comment) -> Decision | None:
    """The withholding that a second look can be asked for; a second look itself is the last."""
    if comment.publication is not Publication.WITHHELD:
        return None
    decision = latest_decision(session, comment.id)
    if decision is None or is_second_look(session, decision):
        return None
    return decision


def is_second_look(session: Session, decision: Decision) -> bool:
    """Whether this decision is the outcome of an appeal: the one before it was appealed."""
    before = (
        select(Decision.id)
        .where(
            Decision.comment_id == decision.comment_id,
            Decision.version < decision.version,
            stands(),
        )
        .order_by(Decision.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    appealed = select(Appeal.id).where(Appeal.decision_id == before)
    return session.scalar(appealed.limit(1)) is not None

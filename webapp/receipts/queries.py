"""What may still be done with a comment, asked of the record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.rules import Publication, Treatment
from webapp.moderation.appeals import is_second_look
from webapp.moderation.models import Decision
from webapp.moderation.queries import latest_decision


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

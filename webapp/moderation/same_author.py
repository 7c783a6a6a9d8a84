"""The other comments of the person who wrote one, as their receipt joins them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.measures.models import Entry

MOST_LISTED = 20


@dataclass(frozen=True)
class OtherComment:
    id: int
    measure: str
    publication: Publication
    received_at: datetime


@dataclass(frozen=True)
class OtherComments:
    """The first few, and how many there are."""

    listed: tuple[OtherComment, ...]
    total: int


def others_of_author(session: Session, comment: Comment) -> OtherComments:
    """What else was sent with this comment's receipt, the first one first."""
    others = (Comment.receipt_id == comment.receipt_id, Comment.id != comment.id)
    rows = session.execute(
        select(Comment.id, Entry.code, Comment.publication, Comment.received_at)
        .join(Entry, Entry.id == Comment.measure_id)
        .where(*others)
        .order_by(Comment.id)
        .limit(MOST_LISTED)
    )
    listed = tuple(OtherComment(*row) for row in rows)
    total = session.scalar(select(func.count()).select_from(Comment).where(*others)) or 0
    return OtherComments(listed, total)

"""The copies of one comment: the same wording, and wordings nearly the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.moderation.models import Screening, Wording
from webapp.moderation.queries import EXCERPT

MOST_COPIES = 20


@dataclass(frozen=True)
class Copy:
    """Another comment with the same or nearly the same text."""

    id: int
    excerpt: str
    publication: Publication
    received_at: datetime
    copies: int


@dataclass(frozen=True)
class Copies:
    """The first few copies of a comment. `same_total` counts every other one with its wording."""

    same: tuple[Copy, ...]
    same_total: int
    near: tuple[Copy, ...]


def copies_of(session: Session, comment_id: int) -> Copies:
    """The other comments with this wording, and the wordings nearly the same, a few of each."""
    wording = session.scalar(
        select(Wording)
        .join(Screening, Screening.wording_id == Wording.id)
        .where(Screening.comment_id == comment_id)
    )
    if wording is None:
        return Copies((), 0, ())
    same = session.execute(
        _copy()
        .join(Screening, Screening.comment_id == Comment.id)
        .join(Wording, Wording.id == Screening.wording_id)
        .where(Screening.wording_id == wording.id, Comment.id != comment_id)
        .order_by(Comment.id)
        .limit(MOST_COPIES)
    )
    near = session.execute(
        _copy()
        .join(Wording, Wording.first_comment_id == Comment.id)
        .where(Wording.leader_id == wording.leader_id, Wording.id != wording.id)
        .order_by(Comment.id)
        .limit(MOST_COPIES)
    )
    return Copies(
        tuple(Copy(*row) for row in same), wording.copies - 1, tuple(Copy(*row) for row in near)
    )


def _copy() -> Select[int, str, Publication, datetime, int]:
    return select(
        Comment.id,
        func.substr(Comment.text, 1, EXCERPT),
        Comment.publication,
        Comment.received_at,
        Wording.copies,
    )

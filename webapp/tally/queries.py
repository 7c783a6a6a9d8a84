"""Counting the comments of a stage, and reading what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.measures.models import Entry, Stage
from webapp.moderation.models import Decision
from webapp.tally.models import StageTally
from webapp.tally.rules import COUNT_EVERY, Group


def due_stages(session: Session, now: datetime) -> Sequence[int]:
    """Ids of stages that were not counted for a while, or never."""
    counted = StageTally.counted_at
    return session.scalars(
        select(Stage.id)
        .outerjoin(StageTally, StageTally.stage_id == Stage.id)
        .where(or_(counted.is_(None), counted <= now - COUNT_EVERY))
        .order_by(Stage.id)
    ).all()


def tally_of(session: Session, stage_id: int) -> StageTally | None:
    return session.get(StageTally, stage_id)


def groups_of(session: Session, stage_id: int) -> list[Group]:
    """All comments of a stage in one look, grouped by all that a tally tells apart."""
    last = (
        select(func.max(Decision.version))
        .where(Decision.comment_id == Comment.id)
        .correlate(Comment)
        .scalar_subquery()
    )
    kinds = (
        Entry.code,
        Comment.language,
        Comment.channel,
        Comment.publication,
        Comment.treatment,
        Decision.reason,
    )
    rows = session.execute(
        select(*kinds, func.count())
        .select_from(Comment)
        .join(Entry, Entry.id == Comment.measure_id)
        .outerjoin(
            Decision,
            and_(
                Comment.publication == Publication.WITHHELD,
                Decision.comment_id == Comment.id,
                Decision.version == last,
            ),
        )
        .where(Entry.stage_id == stage_id)
        .group_by(*kinds)
    )
    return [
        Group(code, language, channel.value, publication.value, treatment.value, reason, number)
        for code, language, channel, publication, treatment, reason, number in rows
    ]


def seconds_to_decision(session: Session, stage_id: int) -> list[float]:
    """For each decided comment, how long its first decision took from its receipt."""
    first = (
        select(Decision.comment_id, func.min(Decision.decided_at).label("decided_at"))
        .group_by(Decision.comment_id)
        .subquery()
    )
    rows = session.execute(
        select(Comment.received_at, first.c.decided_at)
        .join(first, first.c.comment_id == Comment.id)
        .join(Entry, Entry.id == Comment.measure_id)
        .where(Entry.stage_id == stage_id)
    )
    return [max(0.0, (decided - received).total_seconds()) for received, decided in rows]

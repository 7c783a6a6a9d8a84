"""What a filter of the queue asks of comments, as conditions for the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, String, cast, select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.measures.models import Entry, Measure, Stage
from webapp.moderation.models import Flag
from webapp.moderation.queue_rules import QueueFilter

LOOK = 3_000
"""Comments whose texts are looked at for one page."""


def measures_wanted(session: Session, wanted: QueueFilter) -> Sequence[int] | None:
    """Ids of the measures that are wanted; None for all of them."""
    if not (wanted.stage or wanted.pillar or wanted.measure):
        return None
    rows = select(Measure.id).join(Stage, Stage.id == Measure.stage_id)
    if wanted.stage:
        rows = rows.where(Stage.slug == wanted.stage)
    if wanted.measure:
        rows = rows.where(Measure.code == wanted.measure)
    if wanted.pillar:
        pillars = select(Entry.id).where(Entry.code == wanted.pillar)
        rows = rows.where(Measure.parent_id.in_(pillars))
    return session.scalars(rows.order_by(Measure.id)).all()


def texts_wanted(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    """What a comment has to be. Words are found inside of others: Japanese has no spaces."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.language:
        conditions.append(Comment.language == wanted.language)
    if wanted.channel:
        conditions.append(cast(Comment.channel, String) == wanted.channel)
    if wanted.flag:
        flagged = select(Flag.id).where(Flag.comment_id == Comment.id, Flag.rule == wanted.flag)
        conditions.append(flagged.exists())
    conditions += [Comment.text.icontains(word, autoescape=True) for word in wanted.words.split()]
    return conditions

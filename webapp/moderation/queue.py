"""The rows of the queue: comments that wait alone, and campaigns that wait together.

Every page costs about the same, however long the queue is and whatever is asked for: an index
leads to the rows, and where texts have to be looked at, only so many are for one page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, Subquery, literal, select, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.comments.models import Comment
from webapp.moderation.campaigns import CampaignLine, campaign_lines
from webapp.moderation.models import Campaign, MeasureWording, Wording
from webapp.moderation.queries import EVERYTHING, PAGE, WaitingComment, is_waiting, waiting_lines
from webapp.moderation.queue_rules import QueueFilter, QueueKey
from webapp.moderation.wanting import LOOK, measures_wanted, texts_wanted

LOOK_AT_CAMPAIGNS = 500
MOST_MEASURES = 60
"""Measures asked for one by one; more than these are looked for like a text is."""


@dataclass(frozen=True)
class QueueRow:
    """A comment that waits alone, or a campaign with the one of its comments that came first."""

    line: WaitingComment
    campaign: CampaignLine | None


@dataclass(frozen=True)
class QueuePage:
    """Some rows, oldest first; `following` is where the next page begins.

    `is_short` when the look ended before the page was full: more may be found behind it.
    """

    rows: tuple[QueueRow, ...]
    following: QueueKey | None
    is_short: bool


@dataclass(frozen=True)
class Found:
    """Places in the queue, each with its campaign; nothing is known behind the `horizon`."""

    places: Sequence[tuple[QueueKey, int | None]]
    horizon: QueueKey | None


def queue_page(
    session: Session,
    now: datetime,
    *,
    after: QueueKey | None = None,
    wanted: QueueFilter = EVERYTHING,
    size: int = PAGE,
) -> QueuePage:
    """The rows behind the place `after`, the longest waiting first."""
    measures = measures_wanted(session, wanted)
    looks = [
        _alone(session, now, after, wanted, measures, size),
        _together(session, now, after, wanted, measures, size),
    ]
    horizon = min((look.horizon for look in looks if look.horizon), default=None)
    places = sorted(
        (place for look in looks for place in look.places if not horizon or place[0] <= horizon),
        key=lambda place: place[0],
    )
    shown = places[:size]
    following = horizon
    if len(places) > size:
        following = shown[-1][0]
    return QueuePage(
        _rows(session, shown), following, is_short=horizon is not None and len(places) <= size
    )


def _rows(session: Session, places: Sequence[tuple[QueueKey, int | None]]) -> tuple[QueueRow, ...]:
    campaigns = campaign_lines(session, [campaign for _, campaign in places if campaign])
    heads = [
        campaigns[campaign].oldest_id if campaign else key.id
        for key, campaign in places
        if not campaign or campaign in campaigns
    ]
    lines = waiting_lines(session, heads)
    rows = []
    for key, campaign in places:
        known = campaigns.get(campaign) if campaign else None
        line = lines.get(known.oldest_id if known else key.id)
        if line is not None and (known is not None or campaign is None):
            rows.append(QueueRow(line, known))
    return tuple(rows)


def _alone(
    session: Session,
    now: datetime,
    after: QueueKey | None,
    wanted: QueueFilter,
    measures: Sequence[int] | None,
    size: int,
) -> Found:
    is_one_by_one = wanted.is_about_texts or len(measures or ()) > MOST_MEASURES
    limit = LOOK if is_one_by_one else size + 1
    places = _places(now, after, wanted, Comment.received_at, Comment.id)
    window = select(Comment.received_at.label("at"), Comment.id.label("id")).where(
        is_waiting(), Comment.campaign_id.is_(None), *places
    )
    by_age = (Comment.received_at, Comment.id)
    if measures is None or len(measures) > MOST_MEASURES:
        looked = window.order_by(*by_age).limit(limit).subquery()
    else:
        # One index for each measure, so that one without comments costs nothing.
        each = [
            window.where(Comment.measure_id == one).order_by(*by_age).limit(limit).subquery()
            for one in measures
        ]
        if not each:
            return Found((), None)
        joined = union_all(*(select(one.c.at, one.c.id) for one in each)).subquery()
        looked = (
            select(joined.c.at, joined.c.id)
            .order_by(joined.c.at, joined.c.id)
            .limit(limit)
            .subquery()
        )
    rows = select(looked.c.at, looked.c.id, literal(None))
    if is_one_by_one:
        rows = rows.join(Comment, Comment.id == looked.c.id).where(*texts_wanted(wanted))
        if measures is not None:
            rows = rows.where(Comment.measure_id.in_(measures))
    return _found(session, rows, looked, size, limit)


def _together(
    session: Session,
    now: datetime,
    after: QueueKey | None,
    wanted: QueueFilter,
    measures: Sequence[int] | None,
    size: int,
) -> Found:
    """Campaigns; of those that hold several wordings, the first comment of each is looked at."""
    is_one_by_one = wanted.is_about_texts or measures is not None
    limit = LOOK_AT_CAMPAIGNS if is_one_by_one else size + 1
    looked = (
        select(
            Campaign.oldest_at.label("at"),
            Campaign.oldest_id.label("id"),
            Campaign.id.label("campaign_id"),
            Campaign.measure_id,
        )
        .where(
            Campaign.is_open, *_places(now, after, wanted, Campaign.oldest_at, Campaign.oldest_id)
        )
        .order_by(Campaign.oldest_at, Campaign.oldest_id)
        .limit(limit)
        .subquery()
    )
    rows = select(looked.c.at, looked.c.id, looked.c.campaign_id)
    if measures is not None:
        rows = rows.where(looked.c.measure_id.in_(measures))
    if wanted.is_about_texts:
        holds = (
            select(MeasureWording.wording_id)
            .join(Wording, Wording.id == MeasureWording.wording_id)
            .join(Comment, Comment.id == Wording.first_comment_id)
            .where(MeasureWording.campaign_id == looked.c.campaign_id, *texts_wanted(wanted))
        )
        rows = rows.where(holds.exists())
    return _found(session, rows, looked, size, limit)


def _places(
    now: datetime,
    after: QueueKey | None,
    wanted: QueueFilter,
    at: InstrumentedAttribute[datetime],
    id: InstrumentedAttribute[int],
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if after is not None:
        conditions.append(tuple_(at, id) > (after.received_at, after.id))
    if wanted.days:
        conditions.append(at <= now - timedelta(days=wanted.days))
    return conditions


def _found(
    session: Session,
    rows: Select[datetime, int, int | None],
    looked: Subquery,
    size: int,
    limit: int,
) -> Found:
    places = [
        (QueueKey(at, id), campaign)
        for at, id, campaign in session.execute(
            rows.order_by(looked.c.at, looked.c.id).limit(size + 1)
        )
    ]
    if limit == size + 1 or len(places) > size:
        return Found(places, None)
    last = session.execute(
        select(looked.c.at, looked.c.id)
        .order_by(looked.c.at, looked.c.id)
        .offset(limit - 1)
        .limit(1)
    ).one_or_none()
    return Found(places, QueueKey(*last) if last else None)

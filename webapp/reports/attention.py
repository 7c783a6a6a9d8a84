"""What needs somebody's attention now: concerns, each with a number and a place to handle it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.letters.models import Delivery
from webapp.letters.rules import DeliveryState
from webapp.measures.models import Stage
from webapp.measures.queries import current_period
from webapp.moderation.campaigns import campaign_lines, large_campaigns
from webapp.moderation.queries import is_waiting
from webapp.translating.queries import states_of
from webapp.translating.rules import State

SOON = timedelta(days=7)
TRANSLATED = ("en",)
"""The languages that texts of the programme are translated into."""
LARGE, MOST_CAMPAIGNS = 5, 3
"""From so many comments on, officials should know of a campaign; so many are named one by one."""


class ConcernKind(StrEnum):
    OVERDUE = "overdue"
    CLOSING = "closing"
    CAMPAIGN = "campaign"
    CAMPAIGNS = "campaigns"
    LETTERS = "letters"
    STALE = "stale"


@dataclass(frozen=True)
class Concern:
    """One thing to look after: `number` counts it, `moment` dates it.

    OVERDUE: comments waiting longer than `limit` days, the oldest since `moment`. CLOSING:
    measures that close at `moment`. CAMPAIGN: comments received in one `campaign` on the measure
    with this `code`, as the queue counts them, in so many `wordings`; some of them wait. CAMPAIGNS:
    further ones. LETTERS: letters that could not be delivered. STALE: translations older than
    their original.
    """

    kind: ConcernKind
    number: int
    moment: datetime | None = None
    limit: int = 0
    campaign: int = 0
    code: str = ""
    wordings: int = 0
    waiting: int = 0


def concerns(
    session: Session, stage: Stage, measure_ids: Collection[int], *, target_days: int, now: datetime
) -> list[Concern]:
    """What needs attention about these measures of a stage, the most urgent first."""
    found = [
        _overdue(session, measure_ids, target_days, now),
        _closing(session, stage.id, measure_ids, now),
        *_campaigns(session, measure_ids),
        _letters(session),
        _stale(session, stage),
    ]
    return [concern for concern in found if concern.number]


def _overdue(
    session: Session, measure_ids: Collection[int], target_days: int, now: datetime
) -> Concern:
    number, oldest = session.execute(
        select(func.count(), func.min(Comment.received_at)).where(
            is_waiting(),
            Comment.measure_id.in_(measure_ids),
            Comment.received_at < now - timedelta(days=target_days),
        )
    ).one()
    return Concern(ConcernKind.OVERDUE, number, oldest, limit=target_days)


def _closing(
    session: Session, stage_id: int, measure_ids: Collection[int], now: datetime
) -> Concern:
    period = current_period(session, stage_id, now)
    soon = period is not None and period.opens_at <= now < period.closes_at <= now + SOON
    return Concern(
        ConcernKind.CLOSING,
        len(measure_ids) if soon else 0,
        period.closes_at if period and soon else None,
    )


def _campaigns(session: Session, measure_ids: Collection[int]) -> list[Concern]:
    """The largest campaigns one by one, as their rows in the queue have them, then the others."""
    large = large_campaigns(session, measure_ids, least=LARGE)
    lines = campaign_lines(session, [id for id, _code in large[:MOST_CAMPAIGNS]])
    named = [
        Concern(
            ConcernKind.CAMPAIGN,
            lines[id].received,
            campaign=id,
            code=code,
            wordings=lines[id].wordings,
            waiting=lines[id].waiting,
        )
        for id, code in large
        if id in lines
    ]
    return [*named, Concern(ConcernKind.CAMPAIGNS, len(large) - len(named))]


def _letters(session: Session) -> Concern:
    number = session.scalar(
        select(func.count())
        .select_from(Delivery)
        .where(Delivery.state.in_([DeliveryState.UNKNOWN, DeliveryState.DEAD]))
    )
    return Concern(ConcernKind.LETTERS, number or 0)


def _stale(session: Session, stage: Stage) -> Concern:
    number = sum(states_of(session, stage, lang)[State.STALE] for lang in TRANSLATED)
    return Concern(ConcernKind.STALE, number)

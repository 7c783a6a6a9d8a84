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
from webapp.moderation.models import Screening, Wording
from webapp.moderation.queries import is_waiting
from webapp.translating.queries import states_of
from webapp.translating.rules import State

SOON = timedelta(days=7)
TRANSLATED = ("en",)
"""The languages that texts of the programme are translated into."""
MANY_COPIES = 5
"""From so many comments with one wording on, officials should know of it."""


class ConcernKind(StrEnum):
    OVERDUE = "overdue"
    CLOSING = "closing"
    COPIES = "copies"
    LETTERS = "letters"
    STALE = "stale"


@dataclass(frozen=True)
class Concern:
    """One thing to look after: `number` counts it, `moment` dates it, `out_of` is the larger count.

    OVERDUE: comments waiting longer than `limit` days, the oldest since `moment`. CLOSING:
    measures that close at `moment`. COPIES: wordings that stand in `out_of` waiting comments.
    LETTERS: letters that could not be delivered. STALE: translations older than their original.
    """

    kind: ConcernKind
    number: int
    moment: datetime | None = None
    out_of: int = 0
    limit: int = 0


def concerns(
    session: Session, stage: Stage, measure_ids: Collection[int], *, target_days: int, now: datetime
) -> list[Concern]:
    """What needs attention about these measures of a stage, the most urgent first."""
    found = [
        _overdue(session, measure_ids, target_days, now),
        _closing(session, stage.id, measure_ids, now),
        _copies(session, measure_ids),
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


def _copies(session: Session, measure_ids: Collection[int]) -> Concern:
    wordings, comments = session.execute(
        select(func.count(Wording.id.distinct()), func.count())
        .select_from(Comment)
        .join(Screening, Screening.comment_id == Comment.id)
        .join(Wording, Wording.id == Screening.wording_id)
        .where(is_waiting(), Comment.measure_id.in_(measure_ids), Wording.copies >= MANY_COPIES)
    ).one()
    return Concern(ConcernKind.COPIES, wordings, out_of=comments)


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

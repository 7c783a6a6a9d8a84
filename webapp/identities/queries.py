"""Which periods hold identities, for which comments, and who looked at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from webapp.citytime import city_day
from webapp.comments.models import Comment, Contact, IdentityRow
from webapp.identities.models import IdentityReading
from webapp.identities.rules import Held
from webapp.measures.models import CommentPeriod, Measure, Stage

PAGE = 50


@dataclass(frozen=True)
class HeldComment:
    """A comment whose author is known, with nothing about the author."""

    id: int
    measure: str
    received_at: datetime


def held_identities(session: Session) -> list[Held]:
    """What is held for each period that asks for identities, the next to be deleted first."""
    rows = session.execute(
        select(CommentPeriod, Stage.slug)
        .join(Stage, Stage.id == CommentPeriod.stage_id)
        .where(CommentPeriod.purge_identity_at.is_not(None))
        .order_by(CommentPeriod.purge_identity_at, CommentPeriod.id)
    ).all()
    return [_held(session, period, slug) for period, slug in rows]


def periods_to_purge(session: Session, today: date) -> Sequence[int]:
    """Periods whose day of deletion has come and that still hold something."""
    return [held.period_id for held in held_identities(session) if held.is_due(today)]


def comments_with_identity(
    session: Session, period_id: int, *, after: int = 0
) -> Sequence[HeldComment]:
    """Comments of a period whose author is known, from above the key `after`; one page."""
    rows = session.execute(
        select(Comment.id, Measure.code, Comment.received_at)
        .join(IdentityRow, IdentityRow.comment_id == Comment.id)
        .join(Measure, Measure.id == Comment.measure_id)
        .where(Comment.period_id == period_id, Comment.id > after)
        .order_by(Comment.id)
        .limit(PAGE)
    )
    return [HeldComment(*row) for row in rows]


def readings_of(session: Session, comment_id: int) -> Sequence[IdentityReading]:
    """Who looked at the identity behind this comment, the latest first."""
    return session.scalars(
        select(IdentityReading)
        .where(IdentityReading.comment_id == comment_id)
        .order_by(IdentityReading.id.desc())
        .limit(100)
    ).all()


def sealed_rows(session: Session) -> int:
    """How many e-mail addresses and identities are held in all."""
    contacts = select(func.count()).select_from(Contact).scalar_subquery()
    identities = select(func.count()).select_from(IdentityRow).scalar_subquery()
    return session.scalar(select(contacts + identities)) or 0


def comments_of(period_id: int) -> Select[int]:
    """The ids of a period's comments, for a larger question."""
    return select(Comment.id).where(Comment.period_id == period_id)


def _held(session: Session, period: CommentPeriod, slug: str) -> Held:
    assert period.purge_identity_at is not None
    last_instant = period.closes_at - timedelta(microseconds=1)
    return Held(
        period_id=period.id,
        stage=slug,
        opens_on=city_day(period.opens_at),
        closes_on=city_day(last_instant),
        purge_on=period.purge_identity_at,
        identities=_number(session, IdentityRow, period.id),
        contacts=_number(session, Contact, period.id),
    )


def _number(session: Session, kind: Any, period_id: int) -> int:
    asked = select(func.count()).where(kind.comment_id.in_(comments_of(period_id)))
    return session.scalar(asked) or 0

"""Which letters are owed, and which need a person's eye."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from webapp.letters.models import Delivery
from webapp.letters.rules import LAPSED, DeliveryState, LetterKind


def owed_deliveries(session: Session, now: datetime, limit: int = 100) -> Sequence[int]:
    """Ids of letters that may go now, the longest due first."""
    return session.scalars(
        select(Delivery.id)
        .where(Delivery.state == DeliveryState.OWED, Delivery.due_at <= now)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(limit)
    ).all()


def has_letter(
    session: Session,
    kind: LetterKind,
    recipients: Sequence[str] | Select[str],
    states: Sequence[DeliveryState],
) -> bool:
    """Whether one of these people has a letter of this kind in one of these states."""
    found = select(Delivery.id).where(
        Delivery.kind == kind, Delivery.recipient.in_(recipients), Delivery.state.in_(states)
    )
    return session.scalar(found.limit(1)) is not None


def lapsed_deliveries(session: Session, now: datetime) -> Sequence[Delivery]:
    """Letters whose worker claimed them and was never heard of again."""
    return session.scalars(
        select(Delivery).where(Delivery.state.in_(LAPSED), Delivery.lease_ends_at < now)
    ).all()


def doubtful_deliveries(session: Session) -> Sequence[Delivery]:
    """Letters of which nobody can say whether they went, or that will never go."""
    return session.scalars(
        select(Delivery)
        .where(Delivery.state.in_([DeliveryState.UNKNOWN, DeliveryState.DEAD]))
        .order_by(Delivery.id.desc())
        .limit(200)
    ).all()

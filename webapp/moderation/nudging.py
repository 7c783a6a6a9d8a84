"""The letter to moderators that something has waited for longer than the city wants."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.citytime import city_day
from webapp.letters.models import Delivery
from webapp.letters.rules import Letter, LetterKind
from webapp.letters.services import owe
from webapp.moderation.queries import queue_state


def nudge_moderators(session: Session, *, target_days: int, now: datetime) -> int:
    """Owe each moderator one letter for today when something has waited too long; how many.

    The day is the letter's subject, so a second letter on one day cannot be owed.
    """
    oldest = queue_state(session).oldest_received_at
    if not target_days or oldest is None or oldest > now - timedelta(days=target_days):
        session.rollback()
        return 0
    day = int(city_day(now).strftime("%Y%m%d"))
    owed = 0
    for staff_id in _not_yet_nudged(session, day):
        owed += _owe(session, staff_id, day, now)
    session.commit()
    return owed


def nudge_letter(session: Session, delivery: Delivery) -> Letter | None:
    """How the queue stands when the letter is written; None when nothing waits any more."""
    staff = session.get(Staff, delivery.staff_id)
    state = queue_state(session)
    if staff is None or staff.disabled_at is not None or staff.role is not Role.MODERATOR:
        return None
    if state.oldest_received_at is None:
        return None
    return Letter(to=staff.email, lang=staff.lang, template="nudge", facts={"state": state})


def _not_yet_nudged(session: Session, day: int) -> list[int]:
    nudged = select(Delivery.staff_id).where(
        Delivery.kind == LetterKind.NUDGE, Delivery.subject_id == day, Delivery.staff_id == Staff.id
    )
    moderators = select(Staff.id).where(
        Staff.role == Role.MODERATOR, Staff.disabled_at.is_(None), ~nudged.exists()
    )
    return list(session.scalars(moderators.order_by(Staff.id)))


def _owe(session: Session, staff_id: int, day: int, now: datetime) -> bool:
    try:
        with session.begin_nested():
            owe(
                session,
                kind=LetterKind.NUDGE,
                subject_id=day,
                recipient=f"staff:{staff_id}",
                staff_id=staff_id,
                now=now,
            )
    except IntegrityError:  # another scheduler owed it in the same moment
        return False
    return True

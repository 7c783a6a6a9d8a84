"""Subscribing to weekly reports; the other use cases stand in modules of their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.summaries.editing import edit_summary, sign_off
from webapp.summaries.issuing import compile_closing, compile_to_date, compile_week
from webapp.summaries.models import Subscription
from webapp.summaries.queries import subscription_of
from webapp.summaries.verifying import verify_summaries

__all__ = [
    "compile_closing",
    "compile_to_date",
    "compile_week",
    "edit_summary",
    "sign_off",
    "subscribe",
    "unsubscribe",
    "verify_summaries",
]


def subscribe(session: Session, *, stage_id: int, staff_id: int, now: datetime) -> None:
    """From now on, this person gets the letter of each week that ends. Twice changes nothing."""
    if subscription_of(session, stage_id, staff_id) is not None:
        return
    session.add(Subscription(stage_id=stage_id, staff_id=staff_id, since=now))
    _note_subscription(session, stage_id, staff_id, now, subscribed=True)
    try:
        session.commit()
    except IntegrityError:  # the same person, at the same time, in another window
        session.rollback()


def unsubscribe(session: Session, *, stage_id: int, staff_id: int, now: datetime) -> None:
    """From now on, this person gets no letter, not even one that is already owed."""
    if subscription_of(session, stage_id, staff_id) is None:
        return
    session.execute(
        delete(Subscription).where(
            Subscription.stage_id == stage_id, Subscription.staff_id == staff_id
        )
    )
    _note_subscription(session, stage_id, staff_id, now, subscribed=False)
    session.commit()


def _note_subscription(
    session: Session, stage_id: int, staff_id: int, now: datetime, *, subscribed: bool
) -> None:
    record(
        session,
        actor=f"staff:{staff_id}",
        action="summary.subscribed" if subscribed else "summary.unsubscribed",
        subject=f"stage:{stage_id}",
        now=now,
        before={"subscribed": not subscribed},
        after={"subscribed": subscribed},
    )

"""The books of machines elsewhere: a month's characters for each purpose, and how each does."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.interpreting.models import MachineMonth, TranslationProvider
from webapp.interpreting.rules import Purpose, month_of, provider_pause
from webapp.orm import changed_rows

LONGEST_ERROR = 200


class BudgetSpent(Exception):
    """This month's characters do not suffice for what was to be sent."""


def open_books(
    session: Session, name: str, now: datetime, purpose: Purpose = Purpose.TRANSLATING
) -> None:
    """See that this month and this provider have their rows."""
    month = MachineMonth(month=month_of(now), purpose=purpose, reserved=0, used=0)
    provider = TranslationProvider(name=name, failures=0)
    for row, key in ((month, (month.month, purpose)), (provider, provider.name)):
        if session.get(type(row), key) is None:
            session.add(row)
            try:
                session.commit()
            except IntegrityError:  # another worker opened them just now
                session.rollback()
    session.rollback()


def reserve(
    session: Session,
    month: str,
    characters: int,
    *,
    most: int,
    purpose: Purpose = Purpose.TRANSLATING,
) -> bool:
    """Hold characters, if the month has so many left: one step in the database."""
    held = session.execute(
        update(MachineMonth)
        .where(
            MachineMonth.month == month,
            MachineMonth.purpose == purpose,
            MachineMonth.reserved + MachineMonth.used + characters <= most,
        )
        .values(reserved=MachineMonth.reserved + characters)
        .execution_options(synchronize_session=False)
    )
    return changed_rows(held) == 1


def settle(
    session: Session,
    month: str,
    characters: int,
    *,
    spent: bool,
    purpose: Purpose = Purpose.TRANSLATING,
) -> None:
    """Let go of what was reserved, spent or not. Commits nothing."""
    if characters:
        session.execute(
            update(MachineMonth)
            .where(MachineMonth.month == month, MachineMonth.purpose == purpose)
            .values(
                reserved=MachineMonth.reserved - characters,
                used=MachineMonth.used + (characters if spent else 0),
            )
            .execution_options(synchronize_session=False)
        )


def blame(
    session: Session,
    name: str,
    trouble: str,
    now: datetime,
    *,
    least: int,
    asked: timedelta | None = None,
) -> None:
    """Count a failure of the provider; from the `least`th in a row on, it is left in peace."""
    here = TranslationProvider.name == name
    values = {"last_error": trouble[:LONGEST_ERROR], "failed_at": now}
    session.execute(
        update(TranslationProvider)
        .where(here)
        .values(failures=TranslationProvider.failures + 1, **values)
        .execution_options(synchronize_session=False)
    )
    failures = session.scalar(select(TranslationProvider.failures).where(here)) or 1
    if failures >= least:
        pause = provider_pause(failures - least + 1, asked)
        session.execute(
            update(TranslationProvider)
            .where(here)
            .values(paused_until=now + pause)
            .execution_options(synchronize_session=False)
        )


def praise(session: Session, name: str, now: datetime) -> None:
    """It did what was asked: no failure in a row, no pause. Commits nothing."""
    session.execute(
        update(TranslationProvider)
        .where(TranslationProvider.name == name)
        .values(failures=0, paused_until=None, succeeded_at=now)
        .execution_options(synchronize_session=False)
    )

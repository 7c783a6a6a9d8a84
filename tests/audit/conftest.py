"""Shorthands: a trail of some entries, and the hand of someone who owns the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from tests import build
from webapp.audit.services import record, seal


@pytest.fixture
def trail(session: Session, now: datetime) -> Callable[[int], None]:
    """Commit so many entries, one by one, and seal them."""

    def trail(number: int) -> None:
        for n in range(number):
            record(
                session,
                actor="staff:1",
                action="comment.decided",
                subject=f"comment:{n}",
                now=now + timedelta(seconds=n),
                before={"n": n},
                after={"n": n + 1},
            )
            session.commit()
        while seal(session):
            pass

    return trail


@pytest.fixture
def owner(database_url: str) -> Iterator[Engine]:
    """The database without its guards: whoever owns it can take them away."""
    engine = create_engine(database_url, connect_args=build.patience(database_url))
    on = "" if engine.dialect.name == "sqlite" else " ON audit_entries"
    with engine.begin() as connection:
        for name in ("audit_entries_stay", "audit_entries_last"):
            connection.execute(text(f"DROP TRIGGER {name}{on}"))
    yield engine
    engine.dispose()

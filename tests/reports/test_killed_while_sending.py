"""Kills of a worker that sends the weekly letters: none is lost, none is doubled."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from tests.reports.killing import kill_while_sending, owe_report, subscribe_many
from tests.summaries.conftest import WEEK
from webapp.measures.models import Stage

KILLS = 50
"""On each of the two databases, so a hundred in a run; `make kills` makes thousands."""
LETTERS = 400
"""Far more than are sent by the time of the last kill, however the machine is pressed."""


def test_fifty_kills_lose_no_letter_and_double_none(
    app: Flask, session: Session, stage: Stage, tmp_path: Path
) -> None:
    subscribe_many(session, stage.id, LETTERS, WEEK.starts_at)
    assert owe_report(session, stage.id, WEEK) == LETTERS

    found = kill_while_sending(
        session,
        LETTERS,
        KILLS,
        SECRET_KEY=app.config["SECRET_KEY"],
        IDENTITY_KEYS=",".join(app.config["IDENTITY_KEYS"]),
        DATABASE_URL=app.config["SQLALCHEMY_DATABASE_URI"],
        INSTANCE=str(tmp_path / "house"),
    )

    assert found.kills == KILLS
    assert found.among_letters
    assert found.doubled == set()
    assert found.lost == frozenset()
    assert len(found.sent) + len(found.unknown) == LETTERS
    assert found.sent <= set(found.received) <= found.sent | found.unknown
    assert len(found.unknown) <= KILLS

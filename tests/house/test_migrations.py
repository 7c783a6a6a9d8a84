"""Every migration runs up and down with data in the tables, and ends at what the models say."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import flask_migrate
import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import create_engine, func, inspect, select
from sqlalchemy.orm import Session

from tests import build
from webapp.accounts.rules import Role
from webapp.citytime import city_day
from webapp.comments.models import Comment
from webapp.comments.rules import Identity, Publication
from webapp.identities.services import read_identity
from webapp.measures.rules import IdentityRequest
from webapp.moderation.rules import Findings, FoundFlag, Verdict
from webapp.moderation.screening import begin_screening, record_screening
from webapp.moderation.services import decide
from webapp.orm import Base
from webapp.summaries.services import subscribe

ROOT = Path(__file__).parents[2]
REVISIONS = [r.revision for r in ScriptDirectory(ROOT / "migrations").walk_revisions()]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, not yet migrated."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite'}"
    server = request.getfixturevalue("postgresql_server")
    name = f"empty_{abs(hash(tmp_path))}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return build.with_database(server, name)


def fill(session: Session, now: datetime) -> None:
    """At least one row in every table that people fill."""
    asks = IdentityRequest({"ja": "目的", "en": "Purpose"}, city_day(now + timedelta(days=60)))
    stage = build.stage(session, opens_at=now, identity=asks)
    measure = build.measure(session, stage, "1-1")
    moderator = build.staff(session, Role.MODERATOR)
    who = Identity("苫小牧 太郎", "旭町4丁目")
    comment = build.comment(
        session, measure, text="試験の意見です。", now=now, email="a@b.jp", identity=who
    )
    read_identity(
        session,
        comment.id,
        purpose="試験",
        staff_id=moderator.id,
        sealer=build.SEALER,
        now=now,
    )
    begin_screening(session, comment.id, now)
    findings = Findings("ja", [FoundFlag("link", 0, 2)], "f" * 64, [1, -2])
    record_screening(session, comment.id, findings, now)
    decide(
        session,
        comment.id,
        version=1,
        verdict=Verdict(Publication.PUBLISHED),
        moderator_id=moderator.id,
        now=now,
    )
    subscribe(session, stage_id=stage.id, staff_id=moderator.id, now=now)


def test_there_is_one_line_of_migrations() -> None:
    assert len(ScriptDirectory(ROOT / "migrations").get_heads()) == 1


def test_up_with_data_down_and_up_again(app: Flask, database_url: str, now: datetime) -> None:
    engine = create_engine(database_url)
    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        with Session(engine) as session:
            fill(session, now)

            assert session.scalar(select(func.count()).select_from(Comment)) == 1

        for _ in REVISIONS:
            flask_migrate.downgrade(directory=str(ROOT / "migrations"))

        assert set(inspect(engine).get_table_names()) <= {"alembic_version"}

        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})

            assert compare_metadata(context, Base.metadata) == []
    engine.dispose()

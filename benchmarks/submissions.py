"""Comments sent to the site, against bare SQLAlchemy inserts of the same rows, same database."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlencode

from sqlalchemy import create_engine, event, insert
from sqlalchemy.orm import Session

from benchmarks.load import Measured, load, post
from benchmarks.pages import PAGE
from benchmarks.serving import granian
from tests import build
from webapp.audit.models import AuditEntry
from webapp.comments.forms import FormKeys
from webapp.comments.models import Comment, ReceiptRow
from webapp.measures.models import CommentPeriod, Measure

TEXT = "歩道の除雪を朝七時までに終えてほしい。学校までの道が狭くて子どもが車道を歩いています。" * 3
SECONDS = 6.0


def bare_inserts(url: str, seconds: float = SECONDS) -> float:
    """Comment, receipt and audit entry by Core, one transaction for each; comments per second."""
    engine = create_engine(url, connect_args=build.patience(url))
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def connect(connection: object, _record: object) -> None:
            connection.execute("PRAGMA synchronous=NORMAL")  # type: ignore[attr-defined]

    with Session(engine) as session:
        measure = session.query(Measure).filter_by(code="1-1").one().id
        period = session.query(CommentPeriod).first()
        assert period is not None
        period_id = period.id
    now = datetime.now(UTC)
    made = 0
    end = time.perf_counter() + seconds
    with engine.connect() as connection:
        start = time.perf_counter()
        while time.perf_counter() < end:
            key = secrets.token_hex(32)
            comment = connection.execute(
                insert(Comment).values(
                    measure_id=measure,
                    period_id=period_id,
                    text=TEXT,
                    language="ja",
                    channel="web",
                    received_at=now,
                    form_key_digest=key,
                    version=1,
                    publication="waiting",
                    treatment="undecided",
                )
            ).inserted_primary_key[0]
            number = f"{key[:4]}-{key[4:8]}"
            connection.execute(
                insert(ReceiptRow).values(comment_id=comment, number=number, secret_digest=key)
            )
            connection.execute(
                insert(AuditEntry).values(
                    at=now,
                    actor="author",
                    action="comment.submitted",
                    subject=f"comment:{comment}",
                    after=key,
                )
            )
            connection.commit()
            made += 1
        rate = made / (time.perf_counter() - start)
    engine.dispose()
    return rate


def through_the_site(settings: dict[str, str], workers: int = 1) -> Measured:
    """The same rows, as forms over HTTP: validated, limited by address, receipted."""
    with granian(
        "wsgi:app", workers=workers, path="/healthz", TRUSTED_PROXIES="1", **settings
    ) as port:
        return load(port, _forms(settings["SECRET_KEY"]), connections=16, seconds=SECONDS)


def _forms(secret_key: str) -> Iterator[bytes]:
    keys = FormKeys(secret_key)
    for number in range(1_000_000):
        body = urlencode(
            {
                "text": TEXT,
                "language": "ja",
                "stance": "suggest",
                "form_key": keys.new(secrets.token_urlsafe(12)),
                "step": "send",
            }
        ).encode()
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        yield post(PAGE + "/comment", body, address)

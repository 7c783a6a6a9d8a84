"""Comments sent to the site, against bare SQLAlchemy inserts of the same rows, same database."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import time_machine
from sqlalchemy import create_engine, event, insert
from sqlalchemy.orm import Session

from benchmarks.filling import MEASURES, TEXT
from benchmarks.load import Measured, load, post
from benchmarks.serving import granian
from tests import build
from webapp.audit.models import AuditEntry
from webapp.comments.forms import FormKeys
from webapp.comments.models import Comment, ReceiptRow
from webapp.measures.models import CommentPeriod, Measure

SECONDS = 6.0
MOST = 9_000
"""What all measures together take within a minute without a burst."""


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
            number = f"{key[:4]}-{key[4:8]}"
            receipt = connection.execute(
                insert(ReceiptRow).values(number=number, secret_digest=key)
            ).inserted_primary_key[0]
            comment = connection.execute(
                insert(Comment).values(
                    measure_id=measure,
                    period_id=period_id,
                    receipt_id=receipt,
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
    """One comment from each address, spread over the measures so that none is under a burst.

    Measure 1-1 is left out: the bare inserts went there.
    """
    for number, key in enumerate(opened_form_keys(secret_key, MOST)):
        yield send(MEASURES[1 + number % (len(MEASURES) - 1)], key, address(number))


def opened_form_keys(secret_key: str, count: int) -> list[str]:
    """Keys of forms that were opened some minutes ago."""
    keys = FormKeys(secret_key)
    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=5)):
        return [keys.new(secrets.token_urlsafe(12)) for _ in range(count)]


def address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def send(measure: str, form_key: str, by: str) -> bytes:
    """The form of a comment on this measure, sent by a citizen at this address."""
    typed = {
        "text": TEXT,
        "language": "ja",
        "stance": "suggest",
        "form_key": form_key,
        "step": "send",
    }
    return post(form_of(measure), urlencode(typed).encode(), by)


def form_of(measure: str) -> str:
    return f"/ja/stages/5th/measures/{measure}/comment"

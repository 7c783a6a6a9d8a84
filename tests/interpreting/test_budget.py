"""A month's characters are reserved before they are sent, and no number of workers exceeds them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from tests import build
from tests.interpreting.provider import Answer, Provider
from webapp.comments.models import Comment
from webapp.interpreting.models import CommentTranslation, MachineMonth
from worker import interpreting
from worker.interpreting import Desk, translate_all

TEN = "十文字の意見です。。"


@pytest.fixture
def kind() -> str:
    return "deepl"


def spent(session: Session) -> list[tuple[str, int, int]]:
    session.expire_all()
    months = session.scalars(select(MachineMonth).order_by(MachineMonth.month))
    return [(month.month, month.used, month.reserved) for month in months]


def test_nothing_is_sent_beyond_the_months_characters(
    session: Session,
    publish: Callable[..., Comment],
    with_most: Callable[[int], Desk],
    provider: Provider,
) -> None:
    for _ in range(4):
        publish(TEN)

    assert translate_all(session, with_most(29)) == 2
    assert translate_all(session, with_most(29)) == 0
    assert len(provider.asked) == 2
    assert [row[1:] for row in spent(session)] == [(20, 0)]


def test_a_new_month_in_the_city_has_its_own_characters(
    session: Session,
    publish: Callable[..., Comment],
    with_most: Callable[[int], Desk],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish(TEN)
    publish(TEN)
    for instant in ("2027-01-31T14:59:00+00:00", "2027-01-31T15:01:00+00:00"):
        then = datetime.fromisoformat(instant)
        monkeypatch.setattr(interpreting, "utc_now", lambda then=then: then)

        assert translate_all(session, with_most(10)) == 1
    assert spent(session) == [("2027-01", 10, 0), ("2027-02", 10, 0)]


def test_what_may_have_been_read_is_paid_for_and_what_was_turned_away_is_not(
    session: Session,
    publish: Callable[..., Comment],
    desk: Desk,
    provider: Provider,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish(TEN)
    provider.script = [Answer(500), Answer(429)]
    translate_all(session, desk)

    assert [row[1:] for row in spent(session)] == [(10, 0)]

    monkeypatch.setattr(interpreting, "utc_now", lambda: now + timedelta(minutes=2))
    translate_all(session, desk)
    assert [row[1:] for row in spent(session)] == [(10, 0)]


def test_workers_side_by_side_send_each_comment_once_and_keep_within_the_month(
    app: Flask,
    session: Session,
    publish: Callable[..., Comment],
    with_most: Callable[[int], Desk],
    provider: Provider,
) -> None:
    for _ in range(12):
        publish(TEN)
    session.rollback()
    url, desk = app.config["SQLALCHEMY_DATABASE_URI"], with_most(85)
    start, failures = threading.Barrier(4), []

    def work() -> None:
        engine = create_engine(url, connect_args=build.patience(url))
        with Session(engine) as own:
            start.wait()
            try:
                translate_all(own, desk)
            except Exception as failure:
                failures.append(failure)
        engine.dispose()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    if not url.startswith("sqlite"):  # there the house's own engine takes the lock beforehand
        assert failures == []
    ids = session.scalars(select(CommentTranslation.comment_id)).all()
    assert len(ids) == len(set(ids))
    assert len(provider.asked) <= 8
    if not failures:
        assert len(ids) == len(provider.asked) == 8
        assert [row[1:] for row in spent(session)] == [(80, 0)]

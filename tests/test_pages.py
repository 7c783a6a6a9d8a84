"""Finished pages: reused until something visible has changed, and never a moment longer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text, update
from sqlalchemy.orm import Session

from webapp.accounts.models import Staff
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.db import db
from webapp.measures.models import CommentPeriod, Measure
from webapp.moderation.rules import Reason, Verdict
from webapp.moderation.services import decide

PAGE = "/ja/stages/5th/measures/1-1"
TEXT = "歩道の除雪を早くしてほしい。"


@pytest.fixture
def queries(app: Flask) -> list[str]:
    """What the site asks of the database from here on."""
    asked: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *call: asked.append(str(call[2])))
    return asked


@pytest.fixture
def settle(session: Session, moderator: Staff, now: datetime) -> Callable[..., None]:
    def settle(comment: Comment, publication: Publication, reason: Reason | None = None) -> None:
        session.execute(update(Comment).values(screened_at=now))
        session.commit()
        session.refresh(comment)
        decide(
            session,
            comment.id,
            version=comment.version,
            verdict=Verdict(publication, reason=reason),
            moderator_id=moderator.id,
            now=now,
        )

    return settle


def text_of(client: FlaskClient) -> str:
    return client.get(PAGE).get_data(as_text=True)


def test_a_finished_page_is_answered_without_the_site(
    client: FlaskClient, measure: Measure, queries: list[str]
) -> None:
    first = client.get(PAGE)
    asked = len(queries)
    second = client.get(PAGE)

    assert asked > 0
    assert len(queries) == asked
    assert second.data == first.data
    assert second.headers["ETag"] == first.headers["ETag"]


def test_a_published_comment_is_in_the_next_response_and_a_withheld_one_is_gone(
    client: FlaskClient, make_comment: Callable[..., Comment], settle: Callable[..., None]
) -> None:
    comment = make_comment(TEXT)
    waiting = text_of(client)
    settle(comment, Publication.PUBLISHED)
    published = text_of(client)
    settle(comment, Publication.WITHHELD, Reason.ABUSE)
    withheld = text_of(client)

    assert TEXT not in waiting
    assert TEXT in published
    assert TEXT not in withheld


def test_another_process_sees_the_change_too(
    app: Flask,
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    settle: Callable[..., None],
) -> None:
    comment = make_comment(TEXT)
    text_of(client)
    settle(comment, Publication.PUBLISHED)  # over another engine, as another host would

    assert TEXT in text_of(client)


def test_a_page_known_to_the_browser_is_not_sent_again(
    client: FlaskClient, measure: Measure
) -> None:
    etag = client.get(PAGE).headers["ETag"]
    again = client.get(PAGE, headers={"If-None-Match": etag})

    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == etag


def test_a_page_ends_when_the_period_closes_and_at_midnight_in_the_city(
    client: FlaskClient, session: Session, measure: Measure
) -> None:
    with time_machine.travel("2030-05-10T12:00:00+09:00", tick=False) as clock:
        session.execute(
            update(CommentPeriod).values(
                opens_at=datetime.fromisoformat("2030-05-01T00:00:00+09:00"),
                closes_at=datetime.fromisoformat("2030-05-12T15:00:00+09:00"),
            )
        )
        session.commit()
        two_days = client.get(PAGE).headers["ETag"]
        clock.shift(timedelta(hours=11, minutes=59))
        same_day = client.get(PAGE).headers["ETag"]
        clock.shift(timedelta(minutes=1))
        one_day = client.get(PAGE).headers["ETag"]
        clock.move_to("2030-05-12T14:59:59+09:00")
        last_second = client.get(PAGE).get_data(as_text=True)
        clock.shift(timedelta(seconds=1))
        closed = client.get(PAGE).get_data(as_text=True)

    assert two_days == same_day
    assert one_day != same_day
    assert "/measures/1-1/comment" in last_second
    assert "/measures/1-1/comment" not in closed


def test_a_page_for_staff_or_with_an_error_is_never_kept(
    client: FlaskClient, measure: Measure
) -> None:
    missing = client.get("/ja/stages/5th/measures/9-9")
    form = client.get(PAGE + "/comment")

    assert "ETag" not in missing.headers
    assert form.headers["Cache-Control"] == "no-store"
    assert client.get(PAGE + "/comment").data != form.data


def test_without_an_answer_from_the_database_nothing_is_reused(
    app: Flask, client: FlaskClient, session: Session, measure: Measure, queries: list[str]
) -> None:
    client.get(PAGE)
    session.execute(text("ALTER TABLE edition RENAME TO edition_that_was"))
    session.commit()
    asked = len(queries)
    page = client.get(PAGE)

    assert page.status_code == 200
    assert "ETag" not in page.headers
    assert len(queries) > asked

"""A period that is open already begins to ask only by a command that says what comes before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import build
from webapp.audit.models import AuditEntry
from webapp.citytime import city_day
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.measures.models import Stage

FORM = "/en/stages/5th/measures/1-1/comment"


@pytest.fixture
def stage(session: Session, now: datetime) -> Stage:
    return build.stage(session, opens_at=now - timedelta(days=1))


@pytest.fixture
def ask(app: Flask, now: datetime) -> Callable[..., tuple[int, str]]:
    def ask(*more: str) -> tuple[int, str]:
        day = city_day(now + timedelta(days=60)).isoformat()
        words = ("--purpose-ja", "目的", "--purpose-en", "Why", "--purge-on", day)
        args = ["period", "ask-identity", "5th", *words, *more]
        result = app.test_cli_runner().invoke(args=args)
        return result.exit_code, result.output

    return ask


def test_it_says_what_becomes_of_earlier_comments_and_the_form_asks_from_then_on(
    client: FlaskClient,
    session: Session,
    make_comment: Callable[..., Comment],
    ask: Callable[..., tuple[int, str]],
) -> None:
    earlier = make_comment()
    assert "person_name" not in client.get(FORM).text

    code, said = ask("--earlier-comments", "stay")
    session.refresh(earlier)

    assert code == 0, said
    assert "1 comments sent before stay" in said
    assert "person_name" in client.get(FORM).text
    assert earlier.publication is Publication.WAITING
    assert "period.identity-asked" in session.scalars(select(AuditEntry.action)).all()


@pytest.mark.usefixtures("stage")
def test_without_saying_so_nothing_happens(
    client: FlaskClient, ask: Callable[..., tuple[int, str]]
) -> None:
    code, said = ask()

    assert code != 0
    assert "--earlier-comments" in said
    assert "person_name" not in client.get(FORM).text


@pytest.mark.usefixtures("stage")
def test_a_purpose_that_was_stated_stays(ask: Callable[..., tuple[int, str]]) -> None:
    assert ask("--earlier-comments", "stay")[0] == 0

    code, said = ask("--earlier-comments", "stay")

    assert code != 0
    assert "asks for names and addresses already" in said

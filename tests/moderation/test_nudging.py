"""Moderators get a letter when something waits too long: one a day, and only then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import build
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.comments.models import Comment
from webapp.letters.models import Delivery
from webapp.moderation.nudging import nudge_letter, nudge_moderators
from webapp.writing import write


def owed_to(session: Session) -> list[str]:
    return list(session.scalars(select(Delivery.recipient).order_by(Delivery.id)))


def test_each_moderator_gets_one_letter_a_day(
    session: Session, make_comment: Callable[..., Comment], moderator: Staff, now: datetime
) -> None:
    build.staff(session, Role.OFFICIAL)
    make_comment(received_at=now - timedelta(days=4))
    made = [nudge_moderators(session, target_days=3, now=now) for _ in range(2)]
    next_day = nudge_moderators(session, target_days=3, now=now + timedelta(days=1))

    assert (made, next_day) == ([1, 0], 1)
    assert owed_to(session) == [f"staff:{moderator.id}"] * 2


@pytest.mark.parametrize(("waiting", "target"), [(timedelta(days=2), 3), (timedelta(days=9), 0)])
def test_nothing_is_owed_within_the_target_or_without_one(
    session: Session,
    make_comment: Callable[..., Comment],
    moderator: Staff,
    now: datetime,
    waiting: timedelta,
    target: int,
) -> None:
    make_comment(received_at=now - waiting)

    assert nudge_moderators(session, target_days=target, now=now) == 0
    assert owed_to(session) == []


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_letter_says_since_when_and_leads_to_the_queue(
    app: Flask,
    session: Session,
    make_comment: Callable[..., Comment],
    now: datetime,
    lang: str,
) -> None:
    build.staff(session, Role.MODERATOR, lang=lang)
    make_comment(received_at=now - timedelta(days=4))
    nudge_moderators(session, target_days=3, now=now)
    letter = nudge_letter(session, session.scalars(select(Delivery)).one())
    assert letter is not None
    with app.app_context():
        message = write(letter, "<1@localhost>")
    plain = message.get_body(("plain",))
    assert plain is not None

    assert f"http://localhost/{lang}/moderation" in plain.get_content()
    assert {"ja": "審査を待っている", "en": "waiting since"}[lang] in message["Subject"]

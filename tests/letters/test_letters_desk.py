from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import build
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.letters.models import Delivery
from webapp.letters.rules import DeliveryState, Letter, LetterKind
from webapp.letters.services import claim, doubt, owe
from webapp.mail import kept_letters
from webapp.measures.queries import Line, Words
from webapp.measures.rules import EntryKind
from webapp.writing import write

SignIn = Callable[[FlaskClient, Staff], None]
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def doubtful(session: Session, now: datetime) -> int:
    """The id of a letter of which nobody can say whether it went."""
    owe(session, kind=LetterKind.DECISION, subject_id=1, recipient="author:1", now=now)
    session.commit()
    delivery_id = session.scalars(select(Delivery.id)).one()
    delivery = claim(session, delivery_id, domain="city.example", now=now)
    assert delivery is not None
    doubt(session, delivery, f"the line broke {HOSTILE}")
    return delivery_id


@pytest.fixture
def kept(app: Flask, now: datetime) -> None:
    """One letter in the mailbox."""
    facts = {
        "number": "7K3M-2Q9D",
        "stage": "5th",
        "measure": Line(1, EntryKind.MEASURE, "1-1", Words("冬の道路", "ja")),
        "comment_id": 1,
        "published": False,
        "counts": True,
        "again": False,
        "reason": "理由",
        "note": HOSTILE,
        "received_at": now,
        "decided_at": now,
    }
    with app.app_context():
        message = write(Letter("author@example.jp", "ja", "decision", facts), "<1@city.example>")
        kept_letters(app).send(message, lambda: None)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_an_administrator_sees_the_letters_in_doubt(
    client: FlaskClient, session: Session, sign_in: SignIn, doubtful: int, lang: str
) -> None:
    sign_in(client, build.staff(session, Role.ADMINISTRATOR))

    html = client.get(f"/{lang}/letters").get_data(as_text=True)

    assert f"/{lang}/letters/{doubtful}/arrived" in html
    assert f"/{lang}/letters/{doubtful}/send-again" in html
    assert HOSTILE not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("button", "becomes"),
    [("arrived", DeliveryState.SENT), ("send-again", DeliveryState.OWED)],
)
def test_an_administrator_settles_it_with_one_button_once(
    client: FlaskClient,
    session: Session,
    sign_in: SignIn,
    doubtful: int,
    button: str,
    becomes: DeliveryState,
) -> None:
    sign_in(client, build.staff(session, Role.ADMINISTRATOR))

    assert client.post(f"/en/letters/{doubtful}/{button}").status_code == 302
    assert client.post(f"/en/letters/{doubtful}/{button}").status_code == 409

    session.expire_all()
    assert session.get_one(Delivery, doubtful).state is becomes


def test_a_moderator_may_not_settle_letters(
    client: FlaskClient, session: Session, sign_in: SignIn, moderator: Staff, doubtful: int
) -> None:
    sign_in(client, moderator)

    assert client.get("/en/letters").status_code == 403
    assert client.post(f"/en/letters/{doubtful}/arrived").status_code == 403


@pytest.mark.parametrize("number", ["999", "99999999999999999999"])
def test_a_letter_that_is_not_there_is_not_found(
    client: FlaskClient, session: Session, sign_in: SignIn, number: str
) -> None:
    sign_in(client, build.staff(session, Role.ADMINISTRATOR))

    assert client.post(f"/en/letters/{number}/arrived").status_code == 404


def test_the_mailbox_shows_the_plain_text_as_text(
    client: FlaskClient, sign_in: SignIn, moderator: Staff, kept: None
) -> None:
    sign_in(client, moderator)
    box = client.get("/en/mailbox").get_data(as_text=True)
    where = box.split('<ul class="entries">')[1].split('href="')[1].split('"')[0]

    html = client.get(where).get_data(as_text=True)

    assert "author@example.jp" in html
    assert "7K3M-2Q9D" in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert HOSTILE not in html


def test_an_empty_mailbox_says_so(client: FlaskClient, sign_in: SignIn, moderator: Staff) -> None:
    sign_in(client, moderator)

    assert "No letter has been written yet." in client.get("/en/mailbox").get_data(as_text=True)


def test_a_kept_letter_that_is_not_there_is_not_found(
    client: FlaskClient, sign_in: SignIn, moderator: Staff
) -> None:
    sign_in(client, moderator)

    assert client.get("/en/mailbox/1.2.nowhere").status_code == 404


def test_the_mailbox_is_for_staff(client: FlaskClient) -> None:
    assert client.get("/en/mailbox").status_code == 302

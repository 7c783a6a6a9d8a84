"""A period asks who the author is only with a purpose and a day of deletion; the form says both."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests import build
from tests.identities.conftest import PURPOSE, WHO
from webapp.citytime import city_day
from webapp.comments.models import Comment, IdentityRow
from webapp.comments.rules import Draft, IdentityNeeded
from webapp.comments.services import submit_comment
from webapp.measures.models import CommentPeriod, Measure
from webapp.measures.rules import IdentityNeedsPurpose, IdentityRequest, PurgeBeforeClosing
from webapp.sealing import Sealer

ADDRESS = "/{lang}/stages/5th/measures/1-1/comment"
PERSON = {
    "person_name": WHO.name,
    "person_address": WHO.address,
    "person_contact": WHO.contact,
}


def answers(client: FlaskClient, lang: str, **changed: str) -> dict[str, str]:
    page = client.get(ADDRESS.format(lang=lang)).text
    found = re.search(r'name="form_key"[^>]*value="([^"]+)"', page)
    assert found is not None
    return {"text": "意見です。", "language": "ja", "form_key": found[1], **PERSON, **changed}


def count(session: Session, model: type) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_form_says_purpose_and_day_of_deletion_and_stores_sealed_apart(
    app: Flask, client: FlaskClient, session: Session, measure: Measure, purge_on: date, lang: str
) -> None:
    form = client.get(ADDRESS.format(lang=lang)).text

    assert PURPOSE[lang] in form
    assert str(purge_on.year) in form.split('id="identity-title"')[1]
    assert form.split('id="identity-title"')[1].count('class="tag private"') == 3

    typed = answers(client, lang)
    check = client.post(ADDRESS.format(lang=lang), data={**typed, "step": "confirm"})
    private = check.text.split('id="private-title"')[1]

    assert WHO.address in private

    sent = client.post(ADDRESS.format(lang=lang), data={**typed, "step": "send"})
    sealed = session.scalars(select(IdentityRow.sealed)).one()

    assert sent.status_code == 200
    assert WHO.name not in sent.text
    assert WHO.name.encode() not in sealed
    assert Sealer(app.config["IDENTITY_KEYS"]).open(sealed) == WHO.as_text()


def test_a_form_that_arrived_before_keeps_the_name_that_was_sent_first(
    app: Flask, client: FlaskClient, session: Session, measure: Measure
) -> None:
    address, typed = ADDRESS.format(lang="en"), {**answers(client, "en"), "step": "send"}
    first = client.post(address, data=typed)
    sealed = session.scalars(select(IdentityRow.sealed)).one()
    other = client.post(address, data={**typed, "person_name": "苫小牧 花子"})
    app.config["IDENTITY_KEYS"] = (Fernet.generate_key().decode(),)
    unopenable = client.post(address, data=typed)

    assert [page.status_code for page in (first, other, unopenable)] == [200, 200, 200]
    assert "that you changed this time was not taken over" in other.text
    assert session.scalars(select(IdentityRow.sealed)).all() == [sealed]


@pytest.mark.parametrize("missing", ["person_name", "person_address"])
def test_without_name_or_address_the_form_comes_back_with_its_text(
    client: FlaskClient, session: Session, measure: Measure, missing: str
) -> None:
    typed = answers(client, "en", **{missing: "  \n"})
    page = client.post(ADDRESS.format(lang="en"), data={**typed, "step": "send"})

    assert page.status_code == 400
    assert f'href="#{missing}"' in page.text
    assert "意見です。" in page.text
    assert count(session, Comment) == 0


def test_the_contact_may_be_left_out(
    client: FlaskClient, session: Session, measure: Measure
) -> None:
    typed = answers(client, "ja", person_contact="")

    assert client.post(ADDRESS.format(lang="ja"), data={**typed, "step": "send"}).status_code == 200
    assert count(session, IdentityRow) == 1


@pytest.mark.parametrize(
    "name", ["a\r\nBcc: b@c.jp", "<script>alert(1)</script>", "\x00\u202eevil", "葛\U000e0100城"]
)
def test_a_hostile_name_is_a_line_of_text(
    app: Flask, client: FlaskClient, session: Session, measure: Measure, name: str
) -> None:
    typed = answers(client, "ja", person_name=name)
    check = client.post(ADDRESS.format(lang="ja"), data={**typed, "step": "confirm"})
    client.post(ADDRESS.format(lang="ja"), data={**typed, "step": "send"})
    stored = Sealer(app.config["IDENTITY_KEYS"]).open(
        session.scalars(select(IdentityRow.sealed)).one()
    )

    assert "<script>alert" not in check.text
    assert not set("\r\n\x00\u202e") & set(stored)


def test_a_comment_without_an_identity_is_refused_below_the_form_too(
    session: Session, measure: Measure, now: datetime
) -> None:
    draft = Draft(text="意見です。", language="ja", form_key="a form")

    with pytest.raises(IdentityNeeded):
        submit_comment(
            session,
            measure,
            draft,
            secret_key=build.SECRET_KEY,
            sealer=build.SEALER,
            now=now,
        )


def test_a_period_that_does_not_ask_neither_shows_nor_stores(
    app: Flask, client: FlaskClient, session: Session, now: datetime
) -> None:
    build.stage(session, opens_at=now - timedelta(days=1))
    typed = answers(client, "ja")
    page = client.post(ADDRESS.format(lang="ja"), data={**typed, "step": "send"})

    assert "person_name" not in client.get(ADDRESS.format(lang="ja")).text
    assert page.status_code == 200
    assert count(session, IdentityRow) == 0


def test_a_request_needs_both_languages_and_a_day_after_the_closing() -> None:
    closes_at = datetime(2027, 1, 31, 15, tzinfo=UTC)  # the first instant of 1 February in Japan
    IdentityRequest(PURPOSE, date(2027, 2, 1)).check(closes_at)

    with pytest.raises(PurgeBeforeClosing):  # closes at noon, and would be deleted before that
        IdentityRequest(PURPOSE, date(2027, 2, 1)).check(closes_at + timedelta(hours=12))
    with pytest.raises(PurgeBeforeClosing):
        IdentityRequest(PURPOSE, date(2027, 1, 31)).check(closes_at)
    with pytest.raises(IdentityNeedsPurpose):
        IdentityRequest({"ja": "目的"}, date(2027, 2, 1)).check(closes_at)


def test_a_period_is_opened_from_the_command_line(
    app: Flask, session: Session, measure: Measure, now: datetime
) -> None:
    first = city_day(now + timedelta(days=100))
    words = ["period", "open", "5th", "--from", f"{first}", "--to", f"{first + timedelta(days=31)}"]
    asks = ["--ask-identity", "--purpose-ja", "目的です。", "--purpose-en", "A purpose."]
    runner = app.test_cli_runner()
    without_day = runner.invoke(args=[*words, *asks])
    early = runner.invoke(args=[*words, *asks, "--purge-on", f"{first}"])
    made = runner.invoke(args=[*words, *asks, "--purge-on", f"{first + timedelta(days=40)}"])
    period = session.scalars(select(CommentPeriod).order_by(CommentPeriod.id.desc())).first()

    assert (without_day.exit_code, early.exit_code, made.exit_code) == (2, 1, 0), made.output
    assert period is not None
    assert period.asks_identity
    assert period.identity_purpose == {"ja": "目的です。", "en": "A purpose."}
    assert period.purge_identity_at == first + timedelta(days=40)


def test_the_purpose_may_be_told_in_easy_japanese_too(
    app: Flask, client: FlaskClient, session: Session, now: datetime
) -> None:
    build.stage(session, opens_at=now - timedelta(days=50), days=10)
    first = city_day(now)
    words = ["period", "open", "5th", "--from", f"{first}", "--to", f"{first + timedelta(days=31)}"]
    asks = ["--ask-identity", "--purge-on", f"{first + timedelta(days=40)}"]
    why = ["--purpose-ja", "目的です。", "--purpose-ja-easy", "わけです。", "--purpose-en", "Why."]
    made = app.test_cli_runner().invoke(args=[*words, *asks, *why])
    form = client.get(ADDRESS.format(lang="ja-easy")).text

    assert made.exit_code == 0, made.output
    assert "わけです。" in form
    assert "目的です。" not in form

"""How much one address may send, and what becomes of the words of whoever sends more."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from config import Config
from tests.comments.conftest import ADDRESS, TEXT, opened_form_key
from webapp.comments.models import Comment
from webapp.measures.models import Measure

Send = Callable[..., TestResponse]

pytestmark = pytest.mark.usefixtures("fresh_limits")


@pytest.fixture
def config(config: Config) -> Config:
    return replace(
        config,
        RATELIMIT_ENABLED=True,
        SUBMISSIONS_PER_ADDRESS="4 per 10 minutes",
        SUBMISSIONS_PER_ADDRESS_AND_MEASURE="2 per 10 minutes",
        QUICKEST_SECONDS=2.0,
    )


def comments(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Comment)) or 0


def test_an_address_may_send_so_many_on_a_measure_and_so_many_in_all(
    send: Send, measure: Measure
) -> None:
    on_one = [send(code="1-1", lang=lang).status_code for lang in ("ja", "en", "ja")]
    on_others = [send(code=code).status_code for code in ("1-2", "1-2", "2-1")]

    assert on_one == [200, 200, 429]
    assert on_others == [200, 200, 429]
    assert send(by="192.0.2.2").status_code == 200


def test_the_page_of_a_limit_gives_the_text_back_and_a_way_to_send_it(
    app: Flask, send: Send, session: Session, measure: Measure
) -> None:
    send()
    send()
    key = opened_form_key(app)
    refused = send(form_key=key, text="雪の<b>意見</b>\r\n二行目", email="a@b.example")
    page = refused.get_data(as_text=True)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))

    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 605
    assert fields["text"] == "雪の&lt;b&gt;意見&lt;/b&gt;\n二行目"
    assert (fields["form_key"], fields["email"]) == (key, "a@b.example")
    assert (fields["stance"], fields["language"]) == ("suggest", "ja")
    assert 'name="step" value="send"' in page
    assert comments(session) == 2

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        again = send(form_key=key, text="雪の意見")

    assert again.status_code == 200
    assert comments(session) == 3


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [("ja", r"\d:\d\d（日本時間）を過ぎてから"), ("en", r"at \d+:\d\d \(Japan time\) or later")],
)
def test_the_page_of_a_limit_says_when(
    send: Send, measure: Measure, lang: str, sentence: str
) -> None:
    pages = [send(lang=lang) for _ in range(3)]

    assert re.search(sentence, pages[-1].get_data(as_text=True))


def test_a_household_is_one_address_and_its_neighbours_another(
    send: Send, measure: Measure
) -> None:
    same = [send(by=f"2001:db8:1:2::{i}").status_code for i in ("1", "2", "ffff:3")]

    assert same == [200, 200, 429]
    assert send(by="2001:db8:1:3::1").status_code == 200


def test_checking_and_changing_are_not_limited(send: Send, measure: Measure) -> None:
    pages = [send(step=step).status_code for step in ("confirm", "edit") * 4]

    assert set(pages) == {200}


def test_a_form_sent_at_once_is_asked_once_more_and_then_taken(
    app: Flask, send: Send, session: Session, measure: Measure
) -> None:
    key = opened_form_key(app, timedelta(0))
    first = send(form_key=key, lang="en")

    assert first.status_code == 400
    assert "Not sent yet: please look once more" in first.get_data(as_text=True)
    assert TEXT in first.get_data(as_text=True)
    assert comments(session) == 0

    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=2)):
        second = send(form_key=key)

    assert second.status_code == 200
    assert comments(session) == 1


def test_a_switch_of_the_language_never_sends(
    send: Send, session: Session, measure: Measure
) -> None:
    pages = [send(step=step, switch="send") for step in ("confirm", "send")]

    assert [page.status_code for page in pages] == [200, 200]
    assert all('id="check-form"' in page.text for page in pages)
    assert comments(session) == 0


def test_an_address_of_the_older_kind_is_the_same_written_in_the_newer_one(
    send: Send, measure: Measure
) -> None:
    mapped = [send(by="::ffff:192.0.2.1").status_code for _ in range(3)]

    assert mapped == [200, 200, 429]
    assert send(by="192.0.2.1").status_code == 429
    assert send(by="::ffff:203.0.113.5").status_code == 200
    assert send(by="192.0.2.1:4711").status_code == 429
    assert send(by="198.51.100.7:4711").status_code == 200
    assert send(by="[2001:db8::1]:4711").status_code == 200


def test_the_page_of_a_limit_gives_back_the_fields_of_the_form_each_once(
    app: Flask, send: Send, session: Session, measure: Measure
) -> None:
    send()
    send()
    typed = MultiDict([("text", TEXT), ("stance", "ask"), ("step", "send"), ("switch", "")])
    for _ in range(300):
        typed.add("stance", "suggest")
        typed.add("text_more", "余計な言葉")
    page = app.test_client().post(
        ADDRESS.format(lang="ja", code="1-1"),
        data=typed,
        environ_base={"REMOTE_ADDR": "192.0.2.1"},
    )

    assert page.status_code == 429
    assert re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text) == [
        ("stance", "ask"),
        ("text", TEXT),
    ]
    assert "余計な言葉" not in page.text

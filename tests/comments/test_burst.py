"""A burst on a measure: what it asks of whom, that it ends, and that no answer serves twice."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from altcha import Challenge, Payload, solve_challenge
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config import Config
from tests.comments.conftest import TEXT, opened_form_key
from webapp.comments import effort
from webapp.comments.models import Comment
from webapp.comments.queries import is_under_burst
from webapp.comments.rules import Channel
from webapp.measures.models import Measure

Send = Callable[..., TestResponse]


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, BURST_PER_MINUTE=2, SLOW_WAY_SECONDS=30.0)


@pytest.fixture(autouse=True)
def small_challenges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effort, "ITERATIONS", 2)
    monkeypatch.setattr(effort, "MOST_TRIES", 20)


@pytest.fixture
def burst(send: Send, measure: Measure) -> None:
    assert [send().status_code for _ in range(3)] == [200, 200, 200]


def comments(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Comment)) or 0


def challenge_in(page: TestResponse) -> dict[str, object]:
    found = re.search(r'data-challenge="([^"]+)"', page.get_data(as_text=True))
    assert found is not None
    challenge: dict[str, object] = json.loads(html.unescape(found[1]))
    return challenge


def patience_in(page: TestResponse) -> str:
    found = re.search(r'name="patience" value="([^"]+)"', page.get_data(as_text=True))
    assert found is not None
    return found[1]


def solved(page: TestResponse) -> str:
    challenge = Challenge.from_dict(challenge_in(page))
    solution = solve_challenge(challenge)
    assert solution is not None
    return Payload(challenge, solution).to_base64()


def later(seconds: float) -> time_machine.travel:
    return time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds))


@pytest.mark.usefixtures("burst")
def test_a_burst_asks_on_its_own_measure_only_and_ends_by_itself(
    send: Send, session: Session
) -> None:
    asked = send(lang="en")

    assert asked.status_code == 429
    assert int(asked.headers["Retry-After"]) == 30
    assert TEXT in asked.get_data(as_text=True)
    assert "wait 30 seconds, then press Send" in asked.get_data(as_text=True)
    assert comments(session) == 3
    assert send(code="1-2").status_code == 200

    session.execute(update(Comment).values(received_at=datetime.now(UTC) - timedelta(minutes=1)))
    session.commit()

    assert send().status_code == 200


@pytest.mark.usefixtures("burst")
def test_the_check_says_it_before_anything_is_sent(send: Send) -> None:
    page = send(step="confirm")

    assert page.status_code == 200
    assert "Not sent yet" not in page.text
    assert challenge_in(page)
    assert patience_in(page)


@pytest.mark.usefixtures("burst")
def test_a_solved_challenge_is_taken_once_and_for_its_own_form_only(
    app: Flask, send: Send, session: Session
) -> None:
    key = opened_form_key(app)
    answer = solved(send(form_key=key, step="confirm"))
    elsewhere = send(form_key=opened_form_key(app), effort=answer)

    assert elsewhere.status_code == 429
    assert comments(session) == 3

    taken = send(form_key=key, effort=answer, by="198.51.100.7")
    again = send(form_key=key, effort=answer)

    assert (taken.status_code, again.status_code) == (200, 200)
    assert comments(session) == 4
    assert send(form_key=key, effort=answer, text="別の文章").status_code == 409


def with_wrong_key(answer: str) -> str:
    payload = Payload.from_base64(answer)
    payload.solution.derived_key = payload.solution.derived_key[:32] + "0" * 32
    return payload.to_base64()


def with_easier_challenge(answer: str) -> str:
    payload = Payload.from_base64(answer)
    payload.challenge.parameters.key_prefix = ""
    payload.challenge.parameters.key_signature = None
    return payload.to_base64()


def with_own_signature(answer: str) -> str:
    payload = Payload.from_base64(answer)
    payload.challenge.signature = "0" * 64
    return payload.to_base64()


@pytest.mark.usefixtures("burst")
@pytest.mark.parametrize(
    "forge",
    [
        with_wrong_key,
        with_easier_challenge,
        with_own_signature,
        lambda answer: "",
        lambda answer: "x" * 5000,
        lambda answer: answer[:-9],
        lambda answer: "W10=",
        lambda answer: "e30=",
        lambda answer: "eyJjaGFsbGVuZ2UiOltdLCJzb2x1dGlvbiI6W119",
    ],
)
def test_a_forged_answer_is_asked_again(
    app: Flask, send: Send, session: Session, forge: Callable[[str], str]
) -> None:
    key = opened_form_key(app)
    answer = forge(solved(send(form_key=key, step="confirm")))
    page = send(form_key=key, effort=answer)

    assert page.status_code == 429
    assert TEXT in page.get_data(as_text=True)
    assert comments(session) == 3


@pytest.mark.usefixtures("burst")
def test_an_answer_expires(app: Flask, send: Send, session: Session) -> None:
    key = opened_form_key(app)
    answer = solved(send(form_key=key, step="confirm"))
    with later(3601):
        session.execute(update(Comment).values(received_at=datetime.now(UTC)))
        session.commit()

        assert send(form_key=key, effort=answer).status_code == 429
    with later(3590):
        assert send(form_key=key, effort=answer).status_code == 200


@pytest.mark.usefixtures("burst")
def test_without_a_script_waiting_is_enough(app: Flask, send: Send, session: Session) -> None:
    key = opened_form_key(app)
    patience = patience_in(send(form_key=key, step="confirm"))
    with later(21.5):
        early = send(form_key=key, patience=patience, lang="en")

        assert early.status_code == 429
        assert int(early.headers["Retry-After"]) == 10
        assert re.search("Not sent yet. Please wait another [89] seconds", early.text)
        assert patience_in(early) == patience
    with later(31):
        assert send(form_key=key, patience=patience).status_code == 200
    assert comments(session) == 4


@pytest.mark.usefixtures("burst")
def test_waiting_counts_for_one_form_only(app: Flask, send: Send, session: Session) -> None:
    key = opened_form_key(app)
    patience = patience_in(send(form_key=key, step="confirm"))
    payload, signature = patience.rsplit(".", 1)
    with later(31):
        other_form = send(form_key=opened_form_key(app), patience=patience)
        forged = send(form_key=key, patience=f"{payload}.{signature[::-1]}")

        assert other_form.status_code == 429
        assert forged.status_code == 429
        assert send(form_key=key, patience=patience).status_code == 200
    assert comments(session) == 4


@pytest.mark.usefixtures("burst")
@pytest.mark.parametrize("elsewhere", ["198.51.100.7", "2001:db8:1:2::1"])
def test_waiting_goes_on_when_the_network_gives_another_address(
    app: Flask, send: Send, session: Session, elsewhere: str
) -> None:
    key = opened_form_key(app)
    patience = patience_in(send(form_key=key, step="confirm"))
    with later(20):
        early = send(form_key=key, patience=patience, by=elsewhere)

        assert early.status_code == 429
        assert patience_in(early) == patience
    with later(31):
        assert send(form_key=key, patience=patience, by=elsewhere).status_code == 200
    assert comments(session) == 4


@pytest.mark.usefixtures("burst")
def test_the_time_that_was_waited_expires(app: Flask, send: Send, session: Session) -> None:
    key = opened_form_key(app)
    patience = patience_in(send(form_key=key, step="confirm"))
    with later(30 + 3601):
        session.execute(update(Comment).values(received_at=datetime.now(UTC)))
        session.commit()
        too_late = send(form_key=key, patience=patience)

        assert too_late.status_code == 429
        assert patience_in(too_late) != patience


def test_comments_on_paper_make_no_burst(
    make_comment: Callable[..., Comment], session: Session, measure: Measure, now: datetime
) -> None:
    for _ in range(5):
        make_comment(channel=Channel.POST)

    assert not is_under_burst(session, measure.id, now, most=4)
    for _ in range(5):
        make_comment()
    assert is_under_burst(session, measure.id, now, most=4)
    assert not is_under_burst(session, measure.id, now + timedelta(minutes=1), most=4)

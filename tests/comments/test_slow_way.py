"""Waiting instead of working has a limit of its own, which holds up nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from config import Config
from tests.comments.conftest import TEXT, opened_form_key
from tests.comments.test_burst import later, patience_in, small_challenges, solved  # noqa: F401
from webapp.measures.models import Measure

Send = Callable[..., TestResponse]

pytestmark = pytest.mark.usefixtures("fresh_limits")


@pytest.fixture
def config(config: Config) -> Config:
    return replace(
        config,
        RATELIMIT_ENABLED=True,
        BURST_PER_MINUTE=1,
        SLOW_WAY_SECONDS=5.0,
        SLOW_WAY_PER_ADDRESS="1 per 10 minutes",
        WRONG_SECRETS_PER_ADDRESS_AND_RECEIPT="1 per 10 minutes",
        FORMS_PER_ADDRESS="8 per 10 minutes",
    )


def test_one_address_may_wait_so_often_and_others_and_workers_go_on(
    app: Flask, send: Send, measure: Measure
) -> None:
    for _ in range(2):
        send(by="198.51.100.1")
    keys = [opened_form_key(app) for _ in range(3)]
    patience = [patience_in(send(form_key=key)) for key in keys[:2]]
    elsewhere = patience_in(send(form_key=keys[2], by="192.0.2.9"))
    with later(6):
        first = send(form_key=keys[0], patience=patience[0])
        second = send(form_key=keys[1], patience=patience[1])
        other = send(form_key=keys[2], patience=elsewhere, by="192.0.2.9")
        worker = opened_form_key(app)
        page = send(form_key=worker, step="confirm")
        worked = send(form_key=worker, effort=solved(page), patience=patience_in(page))

    assert first.status_code == other.status_code == worked.status_code == 200
    assert second.status_code == 429
    assert TEXT in second.get_data(as_text=True)


def test_opening_and_checking_forms_is_limited_and_loses_no_text(
    app: Flask, send: Send, measure: Measure
) -> None:
    client, where = app.test_client(), {"REMOTE_ADDR": "192.0.2.1"}
    opened = [
        client.get("/en/stages/5th/measures/1-1/comment", environ_base=where) for _ in range(9)
    ]
    checked = send(step="confirm", lang="en")

    assert [page.status_code for page in opened] == [200] * 8 + [429]
    assert "Your words are not lost" not in opened[8].text
    assert checked.status_code == 429
    assert TEXT in checked.text
    assert 'value="confirm"' in checked.text
    assert send(step="confirm", by="192.0.2.2").status_code == 200


def test_guessing_receipts_stops_only_forms_that_name_the_same_one(
    send: Send, measure: Measure
) -> None:
    pair = {"number": "0000-0000", "secret": "0" * 26}
    guesses = [send(**pair) for _ in range(2)]
    other = send(number="1111-1111", secret="0" * 26)

    assert [guess.status_code for guess in guesses] == [400, 429]
    assert all(TEXT in guess.text for guess in guesses)
    assert other.status_code == 400
    assert send().status_code == 200

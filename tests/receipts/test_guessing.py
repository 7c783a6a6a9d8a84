"""Secrets are slow to guess, and slow for nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from tests.receipts.conftest import SECRET
from webapp.app import create_app
from webapp.comments.models import Comment
from webapp.comments.queries import receipt_of
from webapp.comments.rules import secret_digest
from webapp.db import db


@pytest.fixture
def limited(app: Flask, config: Config) -> Iterator[Flask]:
    """The site with limits. The limiter is one for all sites and obeys the one made last."""
    patience = "3 per 10 minutes"
    app = create_app(replace(config, RATELIMIT_ENABLED=True, GUESSES_PER_ADDRESS=patience))
    app.testing = True
    yield app
    app.extensions["edition"].close()
    with app.app_context():
        db.engine.dispose()


def test_wrong_pairs_are_counted_together_and_right_ones_never(
    limited: Flask, session: Session, make_comment: Callable[..., Comment]
) -> None:
    comment = make_comment()
    receipt = receipt_of(session, comment.id)
    assert receipt is not None
    receipt.secret_digest = secret_digest(SECRET)
    right = {"number": receipt.number, "secret": SECRET}
    session.commit()
    client = limited.test_client()
    wrong = {**right, "secret": "X"}

    honest = [client.post("/en/receipts", data=right).status_code for _ in range(6)]
    guesses = [
        client.post(f"/en/receipts{step}", data=wrong).status_code
        for step in ("", "/withdraw", "/data", "/sheet", "/erase")
    ]

    assert honest == [200] * 6
    assert guesses == [400, 400, 400, 429, 429]


def test_a_wrong_pair_in_another_language_is_asked_for_and_not_counted(limited: Flask) -> None:
    client = limited.test_client()
    wrong = {"number": "0000-0000", "secret": "X"}
    switched = [
        client.post("/en/receipts", data={**wrong, "switch": "look-up"}).status_code
        for _ in range(6)
    ]
    guess = client.post("/en/receipts", data=wrong)

    assert switched == [200] * 6
    assert guess.status_code == 400

"""Secrets are slow to guess, and slow for nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from config import Config
from webapp.comments.models import Comment

Holding = Callable[[Comment], dict[str, str]]
Make = Callable[..., Comment]
Post = Callable[..., TestResponse]

pytestmark = pytest.mark.usefixtures("fresh_limits")


@pytest.fixture
def config(config: Config) -> Config:
    few = "3 per 10 minutes"
    return replace(config, RATELIMIT_ENABLED=True, WRONG_SECRETS_PER_ADDRESS_AND_RECEIPT=few)


@pytest.fixture
def post(app: Flask) -> Post:
    """Send a form to a receipt's page: post(pair, "/withdraw", by="192.0.2.1")."""

    def post(pair: dict[str, str], step: str = "", by: str = "192.0.2.1") -> TestResponse:
        return app.test_client().post(
            f"/en/receipts{step}", data=pair, environ_base={"REMOTE_ADDR": by}
        )

    return post


def test_wrong_pairs_are_counted_together_and_right_ones_never(
    make_comment: Make, holding: Holding, post: Post
) -> None:
    right = holding(make_comment())
    wrong = {**right, "secret": "X"}

    honest = [post(right).status_code for _ in range(6)]
    guesses = [
        post(wrong, step).status_code for step in ("", "/withdraw", "/data", "/sheet", "/erase")
    ]

    assert honest == [200] * 6
    assert guesses == [400, 400, 400, 429, 429]


def test_a_right_pair_passes_after_many_wrong_ones_behind_its_address(
    make_comment: Make, holding: Holding, post: Post
) -> None:
    tried, other = holding(make_comment()), holding(make_comment())
    for _ in range(4):
        guess = post({**tried, "secret": "X"})
    nothing = [post({"number": "0000-0000", "secret": "X"}) for _ in range(4)]

    assert guess.status_code == post(tried).status_code == 429
    assert [answer.status_code for answer in nothing] == [400, 400, 400, 429]
    assert post(other).status_code == 200
    assert post(tried, by="192.0.2.2").status_code == 200


def test_a_number_is_the_same_however_it_is_written(
    make_comment: Make, holding: Holding, post: Post
) -> None:
    number = holding(make_comment())["number"]
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in number)
    written = (number, number.lower(), f"{wide} ", f"{' ' * 500}{number}ZZZZ")

    answers = [post({"number": text, "secret": "X"}).status_code for text in written]

    assert answers == [400, 400, 400, 429]


def test_a_wrong_pair_in_another_language_is_asked_for_and_not_counted(post: Post) -> None:
    wrong = {"number": "0000-0000", "secret": "X"}
    switched = [post({**wrong, "switch": "look-up"}).status_code for _ in range(6)]

    assert switched == [200] * 6
    assert post(wrong).status_code == 400

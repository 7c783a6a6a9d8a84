"""Steps behind one receipt have a limit, which loses no words and holds up no other receipt."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config import Config
from tests.moderation.conftest import WITHHELD
from webapp.comments.models import Comment
from webapp.moderation.models import Decision

Holding = Callable[[Comment], dict[str, str]]
Make = Callable[..., Comment]
Post = Callable[..., TestResponse]
ANSWERS = {"action": "", "stance": "oppose", "residency": "", "language": "ja"}

pytestmark = pytest.mark.usefixtures("fresh_limits")


@pytest.fixture
def config(config: Config) -> Config:
    few = "2 per 10 minutes"
    return replace(config, RATELIMIT_ENABLED=True, STEPS_PER_ADDRESS_AND_RECEIPT=few)


@pytest.fixture
def post(app: Flask) -> Post:
    """Send a form behind a receipt: post("revise", typed, by="192.0.2.1")."""

    def post(step: str, typed: dict[str, str], by: str = "192.0.2.1") -> TestResponse:
        return app.test_client().post(
            f"/en/receipts/{step}", data=typed, environ_base={"REMOTE_ADDR": by}
        )

    return post


def carried(page: TestResponse) -> dict[str, str]:
    """What the button of the page sends."""
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    step = re.findall(r'name="step" value="(\w*)"', page.text)
    return {name: html.unescape(value) for name, value in [*found, ("step", *step)]}


def revision(held: dict[str, str], text: str) -> dict[str, str]:
    return {**held, **ANSWERS, "text": text, "step": "send"}


def test_a_revision_beyond_the_limit_is_not_lost_and_can_be_sent_again(
    session: Session, make_comment: Make, holding: Holding, post: Post
) -> None:
    comment, other = make_comment(), make_comment()
    taken = [
        post("revise", revision(holding(comment), f"{turn}番目の文です。")).status_code
        for turn in (1, 2)
    ]
    refused = post("revise", revision(holding(comment), "三番目の<b>文</b>\r\n二行目"))
    session.refresh(comment)

    assert (*taken, refused.status_code) == (200, 200, 429)
    assert 0 < int(refused.headers["Retry-After"]) <= 605
    assert "It has not been sent yet." in refused.text
    assert "三番目の&lt;b&gt;文&lt;/b&gt;\n二行目</p>" in refused.text
    assert comment.text == "2番目の文です。"
    assert post("revise", revision(holding(other), "別の受付票の文です。")).status_code == 200
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        again = post("revise", carried(refused))
    session.refresh(comment)

    assert again.status_code == 200
    assert (comment.text, comment.stance) == ("三番目の<b>文</b>\n二行目", "oppose")


def test_the_words_of_a_wish_are_not_lost_either(
    session: Session,
    screened: Make,
    settle: Callable[..., Decision],
    holding: Holding,
    post: Post,
) -> None:
    comment = screened()
    settle(comment, WITHHELD)
    held = holding(comment)
    for _ in range(2):
        post("erase", {**held, "step": "send"})
    refused = post("second-look", {**held, "step": "send", "note": "もう一度お願いします。"})

    assert refused.status_code == 429
    assert "もう一度お願いします。</p>" in refused.text
    assert carried(refused) == {**held, "step": "send", "note": "もう一度お願いします。"}


@pytest.mark.parametrize("step", ["withdraw", "revise", "second-look", "erase"])
def test_every_step_that_sends_counts_and_asking_for_its_page_does_not(
    make_comment: Make, holding: Holding, post: Post, step: str
) -> None:
    held = holding(make_comment())
    asked = {post(step, held).status_code for _ in range(4)}
    sent = [post(step, {**held, "step": "send"}).status_code for _ in range(3)]

    assert asked == {200}
    assert 429 not in sent[:2]
    assert sent[2] == 429


@pytest.mark.parametrize("step", ["data", "sheet", "letters"])
def test_what_is_made_at_one_press_counts_and_holds_up_no_step(
    make_comment: Make, holding: Holding, post: Post, step: str
) -> None:
    held, other = holding(make_comment()), holding(make_comment())
    made = [post(step, held).status_code for _ in range(3)]

    assert made == [200, 200, 429]
    assert post(step, other).status_code == 200
    assert post(step, held, by="192.0.2.2").status_code == 200
    assert post("revise", revision(held, "新しい文です。")).status_code == 200


def test_the_steps_of_a_receipt_count_together(
    make_comment: Make, holding: Holding, post: Post
) -> None:
    held = holding(make_comment())
    for step in ("erase", "second-look"):
        post(step, {**held, "step": "send"})

    assert post("withdraw", {**held, "step": "send"}).status_code == 429

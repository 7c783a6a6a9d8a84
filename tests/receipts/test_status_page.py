"""The page that a receipt opens: what it says of each step, in which order and language."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.answers import bare
from tests.conftest import KEY
from tests.moderation.conftest import WITHHELD
from webapp.comments.models import Comment
from webapp.moderation.models import Decision
from webapp.sealing import Sealer

FIRST, SECOND = "歩道の除雪を早くしてほしい。", "図書館を夜も開けてほしい。"
SWITCH = re.compile(
    r'<button form="([^"]+)" formnovalidate formaction="/en(/[^"]*)" name="switch" value="([^"]+)"'
)
FIELD = re.compile(r'name="([^"]+)"[^>]*value="([^"]*)"')


@pytest.mark.parametrize(
    ("lang", "to_come", "now_read"),
    [
        ("ja", "職員が読みます", "職員が読んでいます"),
        ("ja-easy", "市の職員が読みます", "市の職員が読んでいます"),
        ("en", "The city will read it", "Being read by the city"),
    ],
)
def test_only_the_step_that_is_being_taken_is_told_in_the_present(
    take: Callable[..., TestResponse],
    make_comment: Callable[..., Comment],
    screen: Callable[..., None],
    lang: str,
    to_come: str,
    now_read: str,
) -> None:
    comment = make_comment()
    fresh = steps(take(comment, lang=lang))
    screen(comment)
    screened = steps(take(comment, lang=lang))

    assert (fresh[1], screened[1]) == (to_come, now_read)


def test_of_several_comments_the_newest_stands_first(
    session: Session, make_comment: Callable[..., Comment], take: Callable[..., TestResponse]
) -> None:
    first = make_comment(FIRST)
    make_comment(SECOND, joins=first.receipt_id)
    page = take(first).text
    places = re.findall(r'<section id="comment-(\d+)"', page)

    assert page.index(SECOND) < page.index(FIRST)
    assert places == sorted(places, key=int, reverse=True)


@pytest.mark.parametrize("wrong", [{"number": "0000-0000"}, {"secret": "X"}])
def test_the_error_of_a_wrong_pair_leads_to_the_box_of_the_secret(
    make_comment: Callable[..., Comment], take: Callable[..., TestResponse], wrong: dict[str, str]
) -> None:
    page = take(make_comment(), **wrong)

    assert page.status_code == 400
    assert '<a href="#secret">No comment has this number with this secret code.</a>' in page.text


@pytest.mark.parametrize("what", ["", "another", "withdraw", "revise", "second-look", "erase"])
def test_each_page_behind_a_receipt_can_be_had_in_another_language(
    client: FlaskClient,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    take: Callable[..., TestResponse],
    what: str,
) -> None:
    comment = screened(FIRST, email="a@example.jp", sealer=Sealer([KEY]))
    if what == "second-look":
        settle(comment, WITHHELD)
    english = switched(client, take(comment, what, lang="ja"))

    assert english.status_code == 200
    assert '<html lang="en">' in english.text
    assert {"": "Where your comment stands"}.get(what, title(take(comment, what))) in english.text


def test_words_of_a_revision_and_a_wish_outlast_another_language(
    client: FlaskClient,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    take: Callable[..., TestResponse],
) -> None:
    comment = screened(FIRST)
    revision = switched(client, take(comment, "revise", lang="ja"), text=SECOND, stance="ask")
    settle(comment, WITHHELD)
    wish = switched(client, take(comment, "second-look", lang="ja"), note=SECOND)

    assert f"{SECOND}</textarea>" in revision.text
    assert re.search(r'<input checked [^>]*value="ask"', revision.text)
    assert f"{SECOND}</textarea>" in wish.text


@pytest.mark.parametrize("path", ["/ja/receipts", "/ja/receipts/withdraw"])
def test_a_wrong_pair_is_still_there_in_another_language(client: FlaskClient, path: str) -> None:
    refused = client.post(path, data={"number": "0000-0000", "secret": "X"})
    english = switched(client, refused, number="0000-0000", secret="ABC")

    assert refused.status_code == 400
    assert english.status_code == 200
    assert '<html lang="en">' in english.text
    assert 'value="0000-0000"' in english.text
    assert 'value="ABC"' in english.text
    assert "No comment has this number" not in english.text


def steps(page: TestResponse) -> list[str]:
    """The name of each step, without its readings."""
    listed = page.text.split('<ol class="progress">')[1].split("</ol>")[0]
    return [bare(step.split("<p>")[0].split(">", 1)[1]) for step in listed.split("<li")[1:]]


def title(page: TestResponse) -> str:
    found = re.search(r"<h1>.*?</h1>", page.text, re.DOTALL)
    assert found is not None
    return found[0]


def switched(client: FlaskClient, page: TestResponse, **typed: str) -> TestResponse:
    """The page in English, asked for as its button does: with the fields of the form it names."""
    button = SWITCH.search(page.text)
    assert button is not None
    form = re.search(rf'<form [^>]*id="{button[1]}".*?</form>', page.text, re.DOTALL)
    assert form is not None
    inputs = [tag for tag in re.findall("<input[^>]*>", form[0]) if is_sent(tag)]
    fields = {name: unescape(value) for tag in inputs for name, value in FIELD.findall(tag)}
    return client.post(f"/en{button[2]}", data={**fields, **typed, "switch": button[3]})


def is_sent(tag: str) -> bool:
    return "radio" not in tag or "checked" in tag

"""The form in the browser: write, check, send, receipt, status; and every way to get it wrong."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.answers import codes_of, gaps_in
from webapp.comments.models import Comment, Contact
from webapp.edge import clean
from webapp.measures.models import CommentPeriod, Measure
from webapp.measures.services import turn_edition

ADDRESS = "/{lang}/stages/5th/measures/1-1/comment"
TEXT = "歩道の除雪を朝七時までに終えてほしい。"


def form_key(client: FlaskClient, lang: str = "ja") -> str:
    page = client.get(ADDRESS.format(lang=lang)).get_data(as_text=True)
    found = re.search(r'name="form_key"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def answers(client: FlaskClient, **changed: str) -> dict[str, str]:
    return {
        "text": TEXT,
        "action": "",
        "stance": "suggest",
        "residency": "lives",
        "language": "ja",
        "email": "",
        "website": "",
        "form_key": form_key(client),
        **changed,
    }


def comments(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Comment)) or 0


def test_only_what_was_written_may_be_shown_again_on_the_way_back(
    client: FlaskClient, measure: Measure
) -> None:
    address, typed = ADDRESS.format(lang="en"), answers(client)
    again = {
        "opened": client.get(address),
        "wrong": client.post(address, data={**typed, "text": ""}),
        "check": client.post(address, data={**typed, "step": "confirm"}),
        "edit": client.post(address, data={**typed, "step": "edit"}),
        "addressed": client.post(address, data={**typed, "email": "a@example.jp", "step": "edit"}),
        "named": client.post(address, data={**typed, "number": "7K3M-2Q9D", "secret": "x"}),
        "sent": client.post(address, data={**typed, "step": "send"}),
    }

    assert {step: page.headers["Cache-Control"] for step, page in again.items()} == {
        "opened": "no-store",
        "wrong": "private, no-cache",
        "check": "private, no-cache",
        "edit": "private, no-cache",
        "addressed": "no-store",
        "named": "no-store",
        "sent": "no-store",
    }


def test_what_need_not_be_answered_is_folded_until_something_of_it_is(
    client: FlaskClient, measure: Measure
) -> None:
    address = ADDRESS.format(lang="en")
    fold, unfolded = '<details class="card">', '<details class="card" open>'
    pages = {
        "plain": client.get(address),
        "by the link of an action": client.get(f"{address}?action=1-1-1"),
        "answered": client.post(address, data={"stance": "ask", "step": "edit"}),
        "wrong": client.post(address, data={"residency": "moon", "text": TEXT}),
    }
    found = {name: page.get_data(as_text=True) for name, page in pages.items()}

    assert {name: fold in page for name, page in found.items()} == {
        "plain": True,
        "by the link of an action": False,
        "answered": False,
        "wrong": False,
    }
    assert all(unfolded in page for name, page in found.items() if name != "plain")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_write_check_send_and_look_up(
    client: FlaskClient, session: Session, measure: Measure, lang: str
) -> None:
    address = ADDRESS.format(lang=lang)
    typed = answers(client)
    check = client.post(address, data={**typed, "step": "confirm"})

    assert check.status_code == 200
    assert TEXT in check.get_data(as_text=True)
    assert gaps_in(check.get_data(as_text=True)) == []
    assert comments(session) == 0

    receipt = client.post(address, data={**typed, "step": "send"})
    codes = codes_of(receipt)

    assert receipt.status_code == 200
    assert receipt.headers["Cache-Control"] == "no-store"
    assert comments(session) == 1

    number, secret = codes
    status = client.post(f"/{lang}/receipts", data={"number": number, "secret": secret})

    assert status.status_code == 200
    assert TEXT in status.get_data(as_text=True)
    assert gaps_in(status.get_data(as_text=True)) == []
    assert (
        client.post(f"/{lang}/receipts", data={"number": number, "secret": "X"}).status_code == 400
    )


def test_a_form_sent_twice_shows_the_same_receipt(
    client: FlaskClient, session: Session, measure: Measure
) -> None:
    typed = {**answers(client), "step": "send"}
    pages = [client.post(ADDRESS.format(lang="ja"), data=typed) for _ in range(2)]
    codes = [codes_of(page) for page in pages]

    assert codes[0] == codes[1]
    assert comments(session) == 1


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"text": ""}, 400),
        ({"text": "   \r\n "}, 400),
        ({"text": "\x00\u202e"}, 400),
        ({"text": "あ" * 4001}, 400),
        ({"text": "あ" * 100_000}, 400),
        ({"text": "e" + "\u0301" * 1000}, 400),
        ({"stance": "love"}, 400),
        ({"action": "2-1-1"}, 400),
        ({"email": "no address"}, 400),
        ({"email": "a@b.jp\r\nBcc: c@d.jp"}, 400),
        ({"form_key": "forged"}, 400),
        ({"website": "https://spam.example"}, 400),
    ],
)
def test_what_cannot_be_taken_comes_back_with_its_text(
    client: FlaskClient, session: Session, measure: Measure, changed: dict[str, str], status: int
) -> None:
    typed = answers(client, **changed)
    page = client.post(ADDRESS.format(lang="ja"), data={**typed, "step": "send"})

    assert page.status_code == status
    assert clean(typed["text"])[:50] in page.get_data(as_text=True)
    assert comments(session) == 0


@pytest.mark.parametrize(
    "text",
    [
        "あ" * 4000,
        "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 4000,
        "葛\U000e0100城市と葛\U000e0101飾区",
        "𠮷野家の前の道",
        "行\r\nを\rかえる",
        "x" * 4000,
        'بلدية <b>bold</b> & "quotes"',
    ],
)
def test_every_script_is_taken_up_to_four_thousand_characters(
    client: FlaskClient, session: Session, measure: Measure, text: str
) -> None:
    typed = answers(client, text=text)
    page = client.post(ADDRESS.format(lang="en"), data={**typed, "step": "send"})
    stored = session.scalars(select(Comment.text)).one()

    assert page.status_code == 200
    assert stored == text.replace("\r\n", "\n").replace("\r", "\n")


def test_a_form_sent_after_the_period_closed_keeps_its_text(
    client: FlaskClient, session: Session, measure: Measure, now: datetime
) -> None:
    typed = answers(client)
    session.execute(update(CommentPeriod).values(closes_at=now - timedelta(minutes=1)))
    session.commit()
    page = client.post(ADDRESS.format(lang="en"), data={**typed, "step": "send"})

    assert page.status_code == 409
    assert TEXT in page.get_data(as_text=True)
    assert "closed at" in page.get_data(as_text=True)
    assert comments(session) == 0


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("step", ["", "open", "edit", "confirm", "send"])
@pytest.mark.parametrize(
    ("opens", "closes", "words"),
    [
        (-40, -10, {"ja": "募集は終わりました", "en": "closed at"}),
        (10, 40, {"ja": "から送れます", "en": "You can send your comment from"}),
    ],
)
def test_nobody_writes_for_nothing_before_the_period_or_after_it(
    client: FlaskClient,
    session: Session,
    measure: Measure,
    now: datetime,
    lang: str,
    step: str,
    opens: int,
    closes: int,
    words: dict[str, str],
) -> None:
    typed = answers(client)
    moved = {
        "opens_at": now + timedelta(days=opens),
        "closes_at": now + timedelta(days=closes),
    }
    session.execute(update(CommentPeriod).values(moved))
    turn_edition(session)
    session.commit()
    address = ADDRESS.format(lang=lang)
    page = client.post(address, data={**typed, "step": step}) if step else client.get(address)

    assert page.status_code == 409
    assert words[lang] in page.text
    assert f'href="/{lang}/stages/5th/measures/1-1"' in page.text
    assert (TEXT in page.text) == bool(step)
    assert comments(session) == 0


@pytest.mark.parametrize(
    "other",
    [
        {"stance": "oppose"},
        {"residency": "works"},
        {"language": "en"},
        {"action": "1-1-1"},
    ],
)
def test_the_same_form_with_other_answers_is_not_taken_for_the_same(
    client: FlaskClient, session: Session, measure: Measure, other: dict[str, str]
) -> None:
    typed = {**answers(client), "step": "send"}
    first = client.post(ADDRESS.format(lang="en"), data=typed)
    again = client.post(ADDRESS.format(lang="en"), data={**typed, **other})
    unchanged = client.post(ADDRESS.format(lang="en"), data=typed)

    assert again.status_code == 409
    assert "with its receipt you can change it" in again.text
    assert TEXT in again.text
    assert re.findall("secret", unchanged.text) == re.findall("secret", first.text) != []
    assert unchanged.status_code == 200
    assert comments(session) == 1


def test_a_form_that_arrived_before_says_so_and_what_was_sent_first_stands(
    client: FlaskClient, session: Session, measure: Measure
) -> None:
    address, typed = ADDRESS.format(lang="en"), {**answers(client), "step": "send"}
    first = client.post(address, data=typed)
    again = client.post(address, data={**typed, "email": "author@example.jp"})
    codes = [codes_of(page) for page in (first, again)]

    assert "had arrived already" not in first.text
    assert again.status_code == 200
    assert "This comment had arrived already" in again.text
    assert "Please look at your e-mail" not in again.text
    assert codes[0] == codes[1] != []
    assert session.scalars(select(Contact)).all() == []


def test_the_same_form_with_another_text_keeps_the_new_text(
    client: FlaskClient, session: Session, measure: Measure
) -> None:
    typed = {**answers(client), "step": "send"}
    client.post(ADDRESS.format(lang="ja"), data=typed)
    page = client.post(ADDRESS.format(lang="ja"), data={**typed, "text": "別の意見を書きました。"})

    assert page.status_code == 409
    assert "別の意見を書きました。" in page.get_data(as_text=True)
    assert comments(session) == 1


def test_a_form_opened_in_japanese_can_be_sent_in_english(
    client: FlaskClient, session: Session, measure: Measure
) -> None:
    typed = {**answers(client), "step": "send"}
    page = client.post(ADDRESS.format(lang="en"), data=typed)

    assert page.status_code == 200
    assert comments(session) == 1


def test_a_form_from_another_site_is_refused(
    client: FlaskClient, session: Session, measure: Measure
) -> None:
    typed = {**answers(client), "step": "send"}
    address = ADDRESS.format(lang="ja")
    by_fetch = client.post(address, data=typed, headers={"Sec-Fetch-Site": "cross-site"})
    by_origin = client.post(address, data=typed, headers={"Origin": "https://evil.example"})
    ours = client.post(address, data=typed, headers={"Origin": "http://localhost"})

    assert by_fetch.status_code == 403
    assert TEXT in by_fetch.get_data(as_text=True)
    assert by_origin.status_code == 403
    assert ours.status_code == 200
    assert comments(session) == 1


def test_an_unknown_measure_is_a_clear_page(client: FlaskClient, measure: Measure) -> None:
    page = client.post("/en/stages/5th/measures/9-9/comment", data={"text": TEXT})

    assert page.status_code == 404
    assert TEXT in page.get_data(as_text=True)

"""Authors take away all that is held about a comment, have it erased, and print the receipt."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime

import pytest
import typst
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests import build
from tests.answers import words_of
from tests.conftest import KEY
from tests.moderation.conftest import PUBLISHED, WITHHELD
from tests.receipts.conftest import SECRET, STEPS
from webapp.accounts.models import Staff
from webapp.audit.models import AuditEntry
from webapp.comments.addresses import stop_letters
from webapp.comments.models import Comment, Contact, IdentityRow
from webapp.comments.rules import Identity, address_digest
from webapp.identities.services import read_identity
from webapp.letters.models import Delivery
from webapp.letters.rules import AuthorKey, DeliveryState, author
from webapp.moderation.models import Decision
from webapp.receipts import sheet
from webapp.receipts.rules import Revision
from webapp.receipts.services import erase_person, revise, withdraw
from webapp.sealing import Sealer

ADDRESS = "author@example.jp"
TEXT = "歩道の除雪を早くしてほしい。"
WHO = Identity("苫小牧 太郎", "旭町4丁目5番6号", "0144-00-0000")


@pytest.fixture
def mine(
    session: Session,
    screened: Callable[..., Comment],
    screen: Callable[..., None],
    settle: Callable[..., Decision],
    now: datetime,
) -> Comment:
    """A comment of someone known by name and address, rewritten once and withheld."""
    sealer = Sealer([KEY])
    comment = screened(TEXT, email=ADDRESS, sealer=sealer)
    identity = IdentityRow(comment_id=comment.id, sealed=sealer.seal(WHO.as_text()))
    session.add(identity)
    session.commit()
    revise(session, comment.id, Revision("書き直した意見", "ja"), version=1, now=now)
    session.refresh(comment)
    screen(comment)
    settle(comment, WITHHELD)
    return comment


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_all_that_is_held_can_be_taken_away(
    session: Session,
    mine: Comment,
    take: Callable[..., TestResponse],
    moderator: Staff,
    now: datetime,
    lang: str,
) -> None:
    read_identity(
        session,
        mine.id,
        purpose="返事を書くため",
        staff_id=moderator.id,
        sealer=Sealer([KEY]),
        now=now,
    )
    answer = take(mine, "data", lang=lang)
    [held] = json.loads(answer.get_data(as_text=True))["comments"]

    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert held["text"] == "書き直した意見"
    assert [version["text"] for version in held["earlier_versions"]] == [TEXT]
    assert (held["email_address_held"], held["email_address"]) == (True, ADDRESS)
    assert held["identity_held"]
    assert (held["name"], held["home_address"], held["other_contact"]) == (
        WHO.name,
        WHO.address,
        WHO.contact,
    )
    assert held["identity_read_by_staff"][0]["purpose"] == "返事を書くため"
    [decision] = held["decisions"]
    assert (decision["publication"], decision["reason"]) == ("withheld", "abuse")
    assert decision["note"] == WITHHELD.note
    assert held["received_at"].endswith("+09:00")
    assert "書き直した意見" in answer.get_data(as_text=True)  # readable, not \\u-escaped
    trail = session.scalars(select(AuditEntry.action)).all()
    assert trail.count("comment.exported") == 1


def test_what_no_key_opens_is_said_and_the_rest_is_given(
    app: Flask, mine: Comment, take: Callable[..., TestResponse]
) -> None:
    app.config["IDENTITY_KEYS"] = (Fernet.generate_key().decode(),)
    answer = take(mine, "data")
    [held] = json.loads(answer.text)["comments"]

    assert answer.status_code == 200
    assert held["text"] == "書き直した意見"
    assert (held["email_address_held"], held["email_address"]) == (True, None)
    assert (held["identity_held"], held["name"]) == (True, None)
    assert "cannot open it just now" in held["email_address_not_shown_because"]
    assert "cannot open it just now" in held["identity_not_shown_because"]


def test_whether_the_address_is_confirmed_is_not_told(
    session: Session, mine: Comment, take: Callable[..., TestResponse]
) -> None:
    def told() -> tuple[str, list[object]]:
        document = json.loads(take(mine, "data").text)
        return take(mine).text, document["comments"]

    confirmed = told()
    session.execute(update(Contact).values(confirmed_at=None))
    session.commit()

    assert told() == confirmed


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_who_the_author_is_is_erased_and_no_letter_goes_there(
    session: Session,
    mine: Comment,
    take: Callable[..., TestResponse],
    settle: Callable[..., Decision],
    lang: str,
) -> None:
    take(mine, "erase", lang=lang)
    assert session.scalars(select(Contact)).all() != []
    assert session.scalars(select(Delivery)).all() != []
    session.rollback()

    done = take(mine, "erase", lang=lang, step="send")
    settle(mine, PUBLISHED)

    assert done.status_code == 200
    assert session.scalars(select(Contact)).all() == []
    assert session.scalars(select(IdentityRow)).all() == []
    assert session.scalars(select(Delivery)).all() == []
    assert session.scalars(select(AuditEntry.action)).all().count("comment.person-erased") == 1
    [held] = json.loads(take(mine, "data").get_data(as_text=True))["comments"]
    assert (held["email_address_held"], held["email_address"]) == (False, None)
    assert (held["identity_held"], held["name"]) == (False, None)


@pytest.mark.parametrize("forget", ["erase", "stop"])
def test_what_a_mail_server_said_is_forgotten_with_the_address(
    session: Session,
    mine: Comment,
    make_comment: Callable[..., Comment],
    now: datetime,
    forget: str,
) -> None:
    make_comment("別の人の意見です。", email="other@example.jp")
    session.execute(update(Delivery).values(state=DeliveryState.DEAD, last_error="550 no"))
    session.commit()
    if forget == "erase":
        erase_person(session, mine.receipt_id, now=now)
    else:
        key = AuthorKey(mine.id, address_digest(ADDRESS, build.SECRET_KEY))
        stop_letters(session, key, now=now)
    kept = session.execute(select(Delivery.recipient, Delivery.last_error)).all()

    assert (author(mine.id), None) in kept
    assert {said for recipient, said in kept if recipient == author(mine.id)} == {None}
    assert {said for recipient, said in kept if recipient != author(mine.id)} == {"550 no"}


def test_erasing_twice_is_erasing_once(
    session: Session, mine: Comment, take: Callable[..., TestResponse]
) -> None:
    answers = [take(mine, "erase", step="send").status_code for _ in range(2)]

    assert answers == [200, 200]
    assert session.scalars(select(AuditEntry.action)).all().count("comment.person-erased") == 1


@pytest.mark.parametrize("what", ["", *STEPS])
def test_a_wrong_secret_learns_nothing(
    session: Session,
    mine: Comment,
    holding: Callable[[Comment], dict[str, str]],
    client: FlaskClient,
    what: str,
) -> None:
    typed = {**holding(mine), "step": "send", "text": "消した", "language": "ja"}
    address = f"/en/receipts/{what}".rstrip("/")
    version = mine.version
    wrong = client.post(address, data={**typed, "secret": "X" * 26})
    nowhere = client.post(address, data={**typed, "number": "0000-0000"})
    session.refresh(mine)
    told = wrong.get_data(as_text=True)

    assert (wrong.status_code, nowhere.status_code) == (400, 400)
    assert told.replace(typed["number"], "0000-0000").replace("X" * 26, SECRET) == (
        nowhere.get_data(as_text=True)
    )
    assert "書き直した意見" not in told
    assert mine.version == version
    assert session.scalars(select(Contact)).all() != []


@pytest.mark.parametrize("what", STEPS)
def test_a_step_is_never_an_address_to_open(client: FlaskClient, mine: Comment, what: str) -> None:
    assert client.get(f"/en/receipts/{what}").status_code == 405


def test_no_answer_behind_a_receipt_is_kept_by_anyone(
    mine: Comment, take: Callable[..., TestResponse]
) -> None:
    for what in ("", *STEPS):
        assert take(mine, what).headers["Cache-Control"] == "no-store", what


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_sheet_is_a_tagged_pdf(
    mine: Comment, take: Callable[..., TestResponse], lang: str
) -> None:
    answer = take(mine, "sheet", lang=lang)

    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert b"/MarkInfo" in answer.data
    assert b"/StructTreeRoot" in answer.data
    assert f"/Lang({lang}".encode() in answer.data


@pytest.mark.parametrize(
    ("lang", "labels"),
    [
        ("ja", ["受付日時：", "書き直し：", "取下げ："]),
        ("ja-easy", ["受け取った日と時間：", "書き直した日：", "やめた日："]),
        ("en", ["Received on:", "Changed on:", "Withdrawn on:"]),
    ],
)
def test_the_sheet_says_when_a_comment_was_changed_and_withdrawn(
    session: Session,
    mine: Comment,
    make_comment: Callable[..., Comment],
    take: Callable[..., TestResponse],
    now: datetime,
    lang: str,
    labels: list[str],
) -> None:
    as_sent = words_of(take(make_comment(TEXT), "sheet", lang=lang))
    withdraw(session, mine.id, version=mine.version, now=now)
    withdrawn = words_of(take(mine, "sheet", lang=lang))

    assert [label in as_sent for label in labels] == [True, False, False]
    assert [label in withdrawn for label in labels] == [True, True, True]
    assert SECRET in withdrawn


@pytest.mark.parametrize(
    ("email", "identity", "words"),
    [
        (ADDRESS, False, "Erase my e-mail address"),
        (None, True, "Erase my name and home address"),
        (ADDRESS, True, "Erase my e-mail address, name and home address"),
    ],
)
def test_the_button_that_erases_names_what_is_held(
    session: Session,
    make_comment: Callable[..., Comment],
    take: Callable[..., TestResponse],
    email: str | None,
    identity: bool,
    words: str,
) -> None:
    comment = make_comment(TEXT, email=email, sealer=Sealer([KEY]))
    if identity:
        session.add(IdentityRow(comment_id=comment.id, sealed=Sealer([KEY]).seal("{}")))
        session.commit()

    for page in (take(comment), take(comment, "erase")):
        assert re.findall(r">(Erase my[^<]*)</button>", page.text) == [words]


DATA = {
    "lang": "ja",
    "region": "jp",
    "site": "とまこえ",
    "title": "受付票",
    "number": "7K3M-2Q9D",
    "codes": [("番号", "7K3M-2Q9D")],
    "address_label": "場所",
    "address": "https://example.jp/ja/receipts",
    "keep_title": "保管",
    "keep": "保管してください",
    "text_title": "意見",
    "incomplete": "一部の文字は表示できません。",
    "foot": "とまこえ",
}


def sheet_of(*texts: str) -> dict[str, object]:
    comments = [{"facts": [("受付", "今日")], "text": text, "lang": "ja"} for text in texts]
    return {**DATA, "comments": comments}


def test_nobody_waits_for_the_database_while_a_sheet_is_drawn(
    session: Session,
    mine: Comment,
    take: Callable[..., TestResponse],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def draw(*_facts: object) -> bytes:
        session.execute(update(Comment).values(language="en"))
        session.commit()
        return b"%PDF-"

    monkeypatch.setattr("webapp.receipts.views.receipt_sheet", draw)

    assert take(mine, "sheet").status_code == 200


def test_a_sheet_that_cannot_be_drawn_is_an_error_like_any_other() -> None:
    with pytest.raises(sheet.BadSheet):
        sheet.written(sheet_of("a" + "\uff9e\u0316" * 40_000))


@pytest.mark.parametrize(
    "text",
    [
        '#panic("markup") $x$ *b* \\ <a> ``` @ref // /* [',
        "#sys.inputs.data",
        "👩‍👩‍👧 สวัสดี \ue000 \uffff",
        "x" * 4000,
        "あ" * 4000,
        "\n" * 3999 + "x",
        ("e" + "\u0301" * 20) * 200,
        "葛\U000e0100城 𠮷",
        "بلدية",
    ],
)
def test_no_text_is_markup_and_none_breaks_the_sheet(text: str) -> None:
    assert sheet.written(sheet_of(text, text)).startswith(b"%PDF-")


def test_a_missing_font_is_a_failure_and_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "japanese_font", lambda: "No Such Family")

    with pytest.raises(sheet.BadSheet, match="no such family"):
        sheet.written(sheet_of("x"))


def test_a_machine_without_japanese_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    none = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    monkeypatch.setattr(sheet, "fonts", lambda: none)
    sheet.japanese_font.cache_clear()
    try:
        with pytest.raises(sheet.NoJapaneseFont):
            sheet.written(sheet_of("x"))
    finally:
        sheet.japanese_font.cache_clear()

"""What a text may hold by which a person is found: noticed gently, and nothing else is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.answers import unread
from webapp.comments.cautions import Caution, cautions
from webapp.comments.models import Comment
from webapp.measures.models import Measure


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("電話は0144-32-6111です。", Caution.PHONE, "0144-32-6111"),
        ("090 1234 5678 まで", Caution.PHONE, "090 1234 5678"),
        ("TEL：０144（32）6111", Caution.PHONE, "0144(32)6111"),
        ("連絡先09012345678", Caution.PHONE, "09012345678"),
        ("0144ー32ー6111", Caution.PHONE, "0144-32-6111"),
        ("Call +81 90-1234-5678.", Caution.PHONE, "+81 90-1234-5678"),
        ("メールはtaro@example.jpへ", Caution.EMAIL, "taro@example.jp"),
        ("taro@example.co.jp", Caution.EMAIL, "taro@example.co.jp"),
        ("write to a.b+c@mail.example.com.", Caution.EMAIL, "a.b+c@mail.example.com"),
        ("〒053-8722", Caution.ADDRESS, "〒053-8722"),
        ("旭町4丁目5番6号に住んでいます", Caution.ADDRESS, "4丁目5番6"),
        ("旭町四丁目五番六号", Caution.ADDRESS, "四丁目五番六"),
        ("旭町４−５−６の前", Caution.ADDRESS, "旭町4-5-6"),
        ("錦岡521番地", Caution.ADDRESS, "521番地"),
        ("4-5-6 Asahi-cho", Caution.ADDRESS, "4-5-6 Asahi-cho"),
        ("I live at 12 Harbour Road.", Caution.ADDRESS, "12 Harbour Road"),
    ],
)
def test_what_looks_like_a_way_to_a_person_is_noticed(text: str, kind: Caution, found: str) -> None:
    noticed = cautions(text)

    assert set(noticed) == {kind}
    assert noticed[kind] == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "施策1-3-2と取組4-1-1について、2022年6月19日の資料を見ました。",
        "予算は1,234,567,890円で、2022-2024年度の100-2000人が対象です。",
        "2026-11-24 10:30に道路が凍りました。",
        "令和6年度は0123人、0-5歳は12345678人でした。",
        "旭町4丁目の交差点と、国道36号、3番のバス停。",
        "Between 2022 and 2024 the city spent 12 million on road 36 @ night.",
        "第2条3項",
    ],
)
def test_an_ordinary_text_is_left_alone(text: str) -> None:
    assert cautions(text) == {}


@pytest.mark.parametrize(
    "text",
    ["0" * 40_000, "a" * 40_000, "a@" * 20_000, "1-" * 20_000, "一" * 40_000, "+1" * 20_000],
)
def test_a_hostile_text_is_read_to_its_end(text: str) -> None:
    found = cautions(text)  # a quadratic reading would meet the limit of a hung test

    assert len(found) == len(set(found))


def test_the_sentence_around_it_has_its_readings(
    send: Callable[..., TestResponse], measure: Measure
) -> None:
    page = send(step="confirm", lang="ja-easy", text="電話は0144-32-6111です。")
    (sentence,) = re.findall("<li>([^\n]*0144-32-6111)</li>", page.get_data(as_text=True))

    assert unread(sentence) == ""


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("ja", "電話番号のように見えます：0144-32-6111"),
        ("en", "This looks like a telephone number: 0144-32-6111"),
    ],
)
def test_the_check_says_it_and_nothing_is_refused(
    send: Callable[..., TestResponse], session: Session, measure: Measure, lang: str, sentence: str
) -> None:
    text = "電話は0144-32-6111、住所は旭町4-5-6です。"
    page = send(step="confirm", lang=lang, text=text)
    sent = send(lang=lang, text=text)

    assert sentence in page.get_data(as_text=True)
    assert "町4-5-6" in page.get_data(as_text=True)
    assert sent.status_code == 200
    assert session.scalars(select(Comment.text)).one() == text

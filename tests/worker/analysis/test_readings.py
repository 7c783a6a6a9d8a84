"""How kanji are read: over kanji only, names of the city right, corrections before all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.measures.forms import read_programme
from worker.analysis.readings import Piece, kanji_count, names, pieces

PROGRAMME = Path(__file__).parents[3] / "webapp" / "measures" / "programmes" / "5th.yaml"


def read(text: str, **corrections: str) -> str:
    """The text with its readings in brackets."""
    return "".join(
        piece.text + (f"({piece.reading})" if piece.reading else "")
        for piece in pieces(text, corrections)
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("食べる", "食(た)べる"),
        ("取り組みます", "取(と)り組(く)みます"),
        ("申し込み先", "申(もう)し込(こ)み先(さき)"),
        ("今日は一人で", "今日(きょう)は一人(ひとり)で"),
        ("ウトナイ湖", "ウトナイ湖(こ)"),
    ],
)
def test_only_kanji_have_a_reading(text: str, wanted: str) -> None:
    assert read(text) == wanted


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("美々", "美々(びび)"),
        ("明野", "明野(あけの)"),
        ("沼ノ端", "沼(ぬま)ノ端(はた)"),
        ("勇払", "勇払(ゆうふつ)"),
        ("植苗", "植苗(うえなえ)"),
        ("錦岡", "錦岡(にしきおか)"),
        ("糸井", "糸井(いとい)"),
        ("樽前", "樽前(たるまえ)"),
    ],
)
def test_places_of_the_city_are_read_as_people_there_say_them(place: str, wanted: str) -> None:
    assert read(f"{place}の公園") == f"{wanted}の公園(こうえん)"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("6月19日", "6月(がつ)19日(にち)"),
        ("5日に1人", "5日に1人"),
        ("%(num)s件の意見", "%(num)s件(けん)の意見(いけん)"),
        ("%(num)s日", "%(num)s日"),
    ],
)
def test_no_digit_is_read_and_a_counter_only_where_it_is_regular(text: str, wanted: str) -> None:
    assert read(text) == wanted


def test_a_correction_goes_before_names_and_dictionary() -> None:
    assert read("明野と市場", 明野="めいの", 市場="いちば") == "明野(めいの)と市場(いちば)"


def test_a_correction_of_one_character_leaves_longer_words_alone() -> None:
    assert read("英語は当サイトによる訳です。言い訳").endswith("訳(やく)です。言(い)い訳(わけ)")


def test_a_correction_does_not_apply_inside_a_word() -> None:
    assert read("東京都", 京都="きょうと") == "東京都(とうきょうと)"


@given(st.text(alphabet="食べる苫小牧市美々19日のア、A\n", max_size=40))
def test_the_pieces_join_to_the_text_again(text: str) -> None:
    assert "".join(piece.text for piece in pieces(text)) == text


@given(st.text(max_size=60))
def test_any_text_can_be_read_and_only_kanji_are(text: str) -> None:
    found = pieces(text)

    assert "".join(piece.text for piece in found) == text
    assert all(kanji_count(piece.text) == len(piece.text) for piece in found if piece.reading)


def test_every_kanji_of_the_programme_is_read_but_days_read_in_one_with_their_number() -> None:
    programme = read_programme(PROGRAMME)
    texts = [programme.title["ja"], programme.notice["ja"]]
    texts += [entry.texts["ja"] for entry in programme.all_entries()]
    unread = [
        piece.text
        for text in texts
        for piece in pieces(text)
        if kanji_count(piece.text) and not piece.reading
    ]

    assert sum(kanji_count(text) for text in texts) > 1_300
    assert ["".join(c for c in text if kanji_count(c)) for text in unread] == ["日"]


def test_the_names_of_the_house_are_hiragana_or_digits_of_their_own_and_have_kanji() -> None:
    assert all(kanji_count(word) for word in names())
    for word, reading in names().items():
        assert all("ぁ" <= c <= "ゖ" or c == "ー" or (c.isdigit() and c in word) for c in reading)
    assert Piece("を1", "") in pieces("間を1行あける")
    assert Piece("苫小牧", "とまこまい") in pieces("苫小牧")

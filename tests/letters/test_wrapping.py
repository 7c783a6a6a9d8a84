"""Lines of letters: as wide as a mail program shows, and broken where Japanese may be broken."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.letters.wrapping import NOT_FIRST, NOT_LAST, WIDTH, columns, shortened, wrapped

JAPANESE = st.text("あいう漢字カナ、。」「（）ーっゃ！？ abc.,", max_size=400)


@given(JAPANESE)
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(text: str) -> None:
    lines = wrapped(text).split("\n")

    for before, after in pairwise(lines):
        assert not after or after[0] not in NOT_FIRST, (before, after)
        assert not before or before[-1] not in NOT_LAST, (before, after)


@given(JAPANESE)
def test_wrapping_loses_nothing_but_spaces(text: str) -> None:
    assert "".join(wrapped(text).split()) == "".join(text.split())


@given(st.text("あいう漢字カナ。、 ", max_size=400))
def test_a_line_is_hardly_ever_wider_than_it_may_be(text: str) -> None:
    marks = max((len(run) for run in re.findall("[。、]+", text)), default=0)

    assert all(columns(line) <= WIDTH + 2 * marks + 2 for line in wrapped(text).split("\n"))


def test_small_kana_and_prolonged_sounds_stay_with_what_they_follow() -> None:
    line = "あ" * 37 + "キャッチャー"

    assert wrapped(line) == "あ" * 37 + "\nキャッチャー"


def test_a_word_and_an_address_stay_whole() -> None:
    address = "https://city.example/" + "a" * 100
    line = f"くわしくは次のページで見られます。{address} です"

    assert address in wrapped(line).split("\n")[1]


def test_what_was_indented_or_quoted_stays_so_on_every_line() -> None:
    quoted = wrapped("  > " + "あ" * 60).split("\n")
    listed = wrapped("* " + "word " * 30).split("\n")

    assert all(line.startswith("  > ") for line in quoted)
    assert len(quoted) == 2
    assert all(line.startswith("  ") for line in listed[1:])


def test_short_lines_are_left_as_they_are() -> None:
    text = "-- \n  two  spaces\n\n" + "a" * WIDTH

    assert wrapped(text) == text


@pytest.mark.parametrize(("most", "kept"), [(8, "あああ…"), (20, "ああああああああああ")])
def test_a_title_is_cut_with_a_mark(most: int, kept: str) -> None:
    assert shortened("あ" * 10, most) == kept


def test_a_shortened_text_ends_with_a_whole_word() -> None:
    assert shortened("We will build a city for all kinds of people", 36) == (
        "We will build a city for all kinds…"
    )
    assert shortened("x" * 40, 10) == "x" * 8 + "…"

"""The normaliser at the edge, and lengths as people count them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.edge import LARGEST_CLUSTER, characters, clean, clean_line, has_piled_marks


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a\r\nb\rc\x85d", "a\nb\nc\nd"),
        ("\x00a\x07b\x1b[31m", "ab[31m"),
        ("か\u3099き", "がき"),
        ("abc\u202edef\u2066g", "abcdefg"),
        ("x\ud800y", "x\ufffdy"),
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("  余白 \n", "余白"),
        ("a\ufffeb\uffffc\U0010ffff", "abc"),
        ("\u200b\u3164\n\u2800\u00ad", ""),
        ("ﾊﾞｽ", "ﾊﾞｽ"),
    ],
)
def test_what_is_typed_is_made_safe_to_store(typed: str, meant: str) -> None:
    assert clean(typed) == meant


@given(st.text(st.characters(exclude_categories=())))
def test_cleaning_twice_changes_nothing_and_any_text_can_be_stored(typed: str) -> None:
    once = clean(typed)

    assert clean(once) == once
    assert once == unicodedata.normalize("NFC", once)
    assert "\x00" not in once
    assert once.encode("utf-8").decode("utf-8") == once


@given(st.text())
def test_a_line_is_one_line(typed: str) -> None:
    assert "\n" not in clean_line(typed)
    assert "\r" not in clean_line(typed)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("除雪", 2),
        ("が", 1),
        ("か\u3099", 1),
        ("葛\U000e0100", 1),
        ("\U0001f469\u200d\U0001f469\u200d\U0001f467", 1),
        ("\U0001f1ef\U0001f1f5", 1),
        ("e" + "\u0301" * 5, 1),
        ("a\nb", 3),
        ("\U0001f1ef\U0001f1f5" * 3 + "\U0001f1ef", 4),
        ("\U0001f469\U0001f3fb\u200d" * 3 + "\U0001f466\U0001f3fb", 1),
        ("\u1100" * 160, 10),
    ],
)
def test_length_is_counted_as_people_count(text: str, length: int) -> None:
    assert characters(text) == length


def test_a_pile_of_marks_is_seen_even_after_it_was_cut() -> None:
    assert has_piled_marks(clean("e" + "\u0301" * 100_000))
    assert not has_piled_marks(clean("Việt Nam ố e\u0301\u0302"))


@pytest.mark.parametrize("mark", ["\u0316", "\uff9e", "\uff9e\u0316", "\u3099\u0301"])
def test_no_pile_that_normalising_would_have_to_sort_is_left(mark: str) -> None:
    cleaned = clean("a" + mark * 50_000)
    marks = unicodedata.normalize("NFKD", cleaned)[1:]

    assert len(marks) <= 31
    assert has_piled_marks(cleaned)


@pytest.mark.parametrize(
    "part",
    ["\u1100", "\u200d", "\u200c", "\uff9e", "\u0600", "\U000e0061", "\U0001f1ef", "👨\u200d"],
)
def test_a_limit_on_the_length_limits_what_is_stored(part: str) -> None:
    text = part * 100_000

    assert len(text) <= characters(text) * LARGEST_CLUSTER

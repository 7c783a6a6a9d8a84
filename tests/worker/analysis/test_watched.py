"""Listed words are found as whole words, in every form, and never inside other words."""

from __future__ import annotations

import pytest

from worker.analysis.watched import Watch


def found(entry: str, text: str) -> list[str]:
    return [text[match.start : match.end] for match in Watch([entry]).matches(text)]


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("イク", "サイクルロードを整備してほしい。"),
        ("グロ", "グローバルな視点が必要です。"),
        ("ass", "The class assessed the passage."),
        ("バス", "バスケットボールの大会"),
        ("cat", "Education and location"),
    ],
)
def test_a_word_inside_another_word_is_not_found(entry: str, text: str) -> None:
    assert found(entry, text) == []


@pytest.mark.parametrize(
    ("entry", "text", "there"),
    [
        ("走る", "車が走った。走らない。走れば", ["走っ", "走ら", "走れ"]),
        ("バス", "路線バスとバスを増やす", ["バス", "バス"]),
        ("ひどい", "対応がひどかった。", ["ひどかっ"]),
        ("library", "Two Libraries and a LIBRARY.", ["Libraries", "LIBRARY"]),
        ("spam", "これはＳＰＡＭです", ["ＳＰＡＭ"]),
    ],
)
def test_a_word_is_found_in_every_form(entry: str, text: str, there: list[str]) -> None:
    assert found(entry, text) == there


def test_several_words_are_found_only_where_they_follow_each_other() -> None:
    assert found("除雪 車", "除雪車が来ない") == ["除雪車"]
    assert found("除雪車", "除雪の車が来ない") == []
    assert found("snow plow", "The snow plows came; a plow in snow did not.") == ["snow plows"]


def test_every_entry_is_found_with_its_number_in_the_order_of_the_text() -> None:
    matches = Watch(["deer", "鹿", "柵"]).matches("鹿の柵 and deer")

    assert [match.entry for match in matches] == [1, 2, 0]


def test_an_empty_list_finds_nothing_and_an_entry_of_signs_neither() -> None:
    assert Watch([]).matches("何でも") == []
    assert found("!!!", "何でも!!!") == []

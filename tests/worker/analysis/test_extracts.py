"""Facts about what may be quoted out of a comment."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.analysis.extracts import LONGEST, extracts
from worker.analysis.sentences import sentences

FILLER = "歩道の雪山が高く、交差点では車から子どもが見えません。"


def said(text: str) -> list[str]:
    return [text[sentence.start : sentence.end] for sentence in sentences(text)]


def quotable(text: str, language: str = "ja") -> list[str]:
    return [text[one.start : one.end] for one in extracts(text, language)]


def test_a_japanese_text_ends_its_sentences_at_full_stops_and_lines() -> None:
    assert said("除雪が遅い。早くして！\n・歩道\n・車道") == [
        "除雪が遅い。",
        "早くして！",
        "・歩道",
        "・車道",
    ]


def test_a_line_wrapped_after_a_particle_goes_on() -> None:
    assert said("冬の歩道は\n滑ります。") == ["冬の歩道は\n滑ります。"]


def test_a_full_stop_inside_a_quotation_ends_nothing() -> None:
    assert len(said("計画の「除雪する。排雪する。」は足りません。")) == 1


def test_an_english_abbreviation_or_number_ends_nothing() -> None:
    assert said("Plow St. Mary Ave. by 7 a.m. please. It costs 3.5 million.") == [
        "Plow St. Mary Ave. by 7 a.m. please.",
        "It costs 3.5 million.",
    ]


def test_a_short_comment_is_quoted_whole() -> None:
    assert quotable("バスを増やしてほしい。冬は歩けません。") == [
        "バスを増やしてほしい。冬は歩けません。"
    ]


def test_a_sentence_is_not_quoted_without_the_but_that_follows() -> None:
    text = FILLER * 4 + "図書館は閉めるべきだという声もあります。しかし私は残してほしい。" + FILLER

    assert "図書館は閉めるべきだという声もあります。" not in quotable(text)
    assert any("声もあります。しかし私は残してほしい。" in one for one in quotable(text))


def test_no_quote_begins_with_a_word_that_points_back() -> None:
    text = FILLER * 4 + "バスの減便は残念です。これは見直すべきです。" + FILLER

    assert not any(one.startswith("これは") for one in quotable(text))


def test_a_passage_of_the_plan_is_not_quoted_as_the_opinion() -> None:
    text = f"{FILLER * 4}\n「港の工場を増やす。」\n本記述は削除してほしい。\n{FILLER}"

    assert "「港の工場を増やす。」" not in quotable(text)
    assert any("「港の工場を増やす。」\n本記述は削除してほしい。" in one for one in quotable(text))


def test_what_is_offered_instead_stands_with_its_announcement() -> None:
    text = f"{FILLER * 4}\n以下のとおり直してはどうか。\n歩道は毎朝除雪する。\n{FILLER}"

    assert "歩道は毎朝除雪する。" not in quotable(text)


def test_of_a_japanese_sentence_too_long_the_end_is_kept() -> None:
    text = "除雪は、" + "歩道が狭くて、" * 60 + "やめないでください"
    (only,) = quotable(text)

    assert len(only) <= LONGEST
    assert only.endswith("やめないでください")


def test_of_an_english_sentence_too_long_the_beginning_is_kept() -> None:
    text = "Please keep the library, " + "because we read there, " * 30 + "thanks"
    (only,) = quotable(text, "en")

    assert len(only) <= LONGEST
    assert only.startswith("Please keep the library")


def test_a_cut_does_not_tear_a_character_apart() -> None:
    family = "👨‍👩‍👧"
    (only,) = quotable(family * 300, "und")

    assert not only.replace(family, "")


@pytest.mark.parametrize(
    "text", ["." * 100_000 + "x", "「" * 100_000, "：\n" * 50_000, "雪\n" * 50_000]
)
def test_a_hostile_text_is_read_to_its_end_and_quoted_verbatim(text: str) -> None:
    found = list(extracts(text, "ja"))  # a quadratic reading would meet the limit of a hung test

    assert all(text[extract.start : extract.end] for extract in found)


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet="雪道バスが。！\n「」『（）.!? ,、abBut しかしこれは👍\u0301", max_size=500)
)
def test_every_extract_is_a_trimmed_part_of_the_text(text: str) -> None:
    found = quotable(text) + quotable(text, "en")

    assert bool(found) == bool(text.strip())
    assert all(one and one == one.strip() and one in text for one in found)

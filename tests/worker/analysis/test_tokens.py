"""Facts about the words that comments are compared by."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.analysis.compounds import compounds
from worker.analysis.tokens import tokens, words

LONG = "歩道の除雪が遅く、通学路の雪山で子どもが車道を歩いています。" * 1_000


def test_japanese_words_are_nouns_verbs_and_adjectives_in_their_dictionary_form() -> None:
    assert words("除雪車が遅く、歩道を歩けませんでした。", "ja") == (
        "除雪車",
        "遅い",
        "歩道",
        "歩く",
    )


def test_spellings_of_one_japanese_word_give_one_form() -> None:
    assert len({words(text, "ja") for text in ("子ども", "子供", "こども")}) == 1
    assert words("ごみ", "ja") == words("ゴミ", "ja")


def test_a_place_of_waiting_children_shares_a_word_with_a_children_s_hall() -> None:
    assert set(words("待機児童", "ja")) & set(words("児童の遊び場", "ja"))


def test_a_bus_stop_is_known_to_hold_a_bus() -> None:
    (stop,) = tokens("バス停", "ja")

    assert [inner.normal for inner in stop.inner] == ["バス"]


@pytest.mark.parametrize(
    "text", ["そのことについて意見があります。", "P４ Ｌ20～21", "①２、ア。", "", "\n\n"]
)
def test_stop_words_numbers_and_lone_letters_are_no_words(text: str) -> None:
    assert words(text, "ja") == ()


def test_english_words_meet_in_the_plural_and_the_ing_form() -> None:
    assert words("Libraries, buses, plowing", "en") == words("library bus plow", "en")
    assert words("The children's seats", "en") == words("child seat", "en")


def test_parking_is_no_park() -> None:
    assert words("parking", "en") != words("park", "en")


def test_english_stop_words_are_left_out() -> None:
    assert words("I think that it should be the one", "en") == ()


def test_other_languages_give_runs_of_letters() -> None:
    assert words("Mehr Züge, bitte!", "de") == ("mehr", "züge", "bitte")


def test_every_token_stands_where_it_says() -> None:
    assert all(LONG[token.start : token.end] == token.surface for token in tokens(LONG, "ja"))


def test_a_text_too_long_for_the_analyser_loses_no_word() -> None:
    assert len(words(LONG, "ja")) == 1_000 * len(words(LONG[: len(LONG) // 1_000], "ja"))


def test_signs_that_grow_when_normalised_do_not_break_the_analyser() -> None:
    assert "除雪" in words("㍿" * 30_000 + "除雪", "ja")


def test_threads_read_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: words(LONG[:3_000], "ja"), range(32)))

    assert len(found) == 1


def test_neither_a_place_nor_a_person_can_stand_in_a_heading() -> None:
    assert not [t for t in tokens("沼ノ端に住む佐藤です", "ja") if t.noun]


def test_a_run_of_japanese_nouns_is_a_compound() -> None:
    text = "再生可能エネルギーと路線バス"
    found = {compound.surface for compound in compounds(text, tokens(text, "ja"), "ja")}

    assert found == {"再生可能エネルギー", "路線バス"}


def test_a_compound_does_not_begin_or_end_with_an_empty_word() -> None:
    text = "除雪対応、保育所等、御要望"

    assert not list(compounds(text, tokens(text, "ja"), "ja"))


def test_neighbouring_english_nouns_are_a_compound() -> None:
    text = "A bus shelter, and snow-plows for the school"
    found = [compound.normal for compound in compounds(text, tokens(text, "en"), "en")]

    assert found == ["bus shelter", "snow plow"]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.sampled_from(["ja", "en", "de", "und"]))
def test_any_text_is_read_in_order_and_in_place(text: str, language: str) -> None:
    found = list(tokens(text, language))

    assert all(text[token.start : token.end] == token.surface for token in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))

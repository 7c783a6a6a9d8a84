"""The language of a comment is guessed from its letters, or left open."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.analysis.folding import fingerprint, folded, levelled
from worker.analysis.language import UNCLEAR, guess_language

JAPANESE = (
    "バスの本数を増やしてほしいです。",
    "除雪が遅く、通学路が危ない",
    "市営住宅建設予算拡充希望",
    "ﾊﾞｽを増やして",
    "WiFiとAEDを全ての公民館に置いてください",
)
ENGLISH = (
    "Please add more buses in the evening.",
    "The pavement near the school is dangerous",
    "Affordable housing options for young families",
    "The 除雪 near our flat comes too late",
)
CHINESE = (
    "我覺得公車的班次應該增加",
    "希望政府改善學校附近的道路",
    "不是市民不想合作，市政府可以改善管理",
    "请改善公交车的服务",
    "日本の道路很好，我们希望继续改善",
    "我喜歡サイクリング，也喜歡這個公園",
)
OTHERS = {
    "de": "Die Straße vor der Schule ist nicht sicher.",
    "fr": "Je voudrais plus de bus le soir dans le quartier.",
    "es": "Queremos más autobuses para la escuela, por favor.",
    "vi": "Tôi muốn có thêm xe buýt vào buổi tối.",
    "id": "Saya ingin lebih banyak bus untuk anak sekolah.",
    "ko": "저녁에 버스가 더 필요합니다.",
    "ru": "Мне нужен автобус вечером.",
    "th": "ฉันต้องการรถเมล์ตอนเย็น",
}


@pytest.mark.parametrize("text", JAPANESE)
def test_japanese_is_told_by_kana_or_by_kanji_of_its_own(text: str) -> None:
    assert guess_language(text) == "ja"


@pytest.mark.parametrize("text", ENGLISH)
def test_english_may_quote_a_japanese_word(text: str) -> None:
    assert guess_language(text) == "en"


@pytest.mark.parametrize("text", CHINESE)
def test_chinese_is_never_taken_for_japanese_even_with_a_few_kana(text: str) -> None:
    assert guess_language(text) == "zh"


@pytest.mark.parametrize(("code", "text"), OTHERS.items())
def test_other_languages_have_their_own_codes(code: str, text: str) -> None:
    assert guess_language(text) == code


@pytest.mark.parametrize(
    "text",
    ["", "👍", "1-3", "不要", "道路整備要望", "OK", "https://example.com/ja", "taro@example.jp"],
)
def test_a_text_without_clear_signs_is_left_open(text: str) -> None:
    assert guess_language(text) == UNCLEAR


def test_a_link_does_not_make_a_japanese_text_english() -> None:
    text = "資料です https://example.com/the-plan-for-all-of-us-and-the-city-with-more-of-this"

    assert guess_language(text) == "ja"


def test_accents_are_read_alike_composed_and_decomposed() -> None:
    assert guess_language(unicodedata.normalize("NFD", "Für können, über müssen")) == "de"


def test_texts_are_compared_without_width_case_punctuation_and_invisible_characters() -> None:
    assert folded("ＡＢＣ、ｶﾞｽ・バス\u200b！　Ⅲ") == "abcガスバスiii"


def test_the_long_vowel_mark_is_a_letter() -> None:
    assert folded("バス～") != folded("バスー")


def test_symbols_alone_are_still_told_apart() -> None:
    assert fingerprint("👍") != fingerprint("👎")
    assert fingerprint("👍") == fingerprint(" 👍\n")


def test_a_hundred_thousand_marks_on_one_letter_are_cut_to_what_a_script_can_use() -> None:
    assert len(folded("か" + "\u0316\u0301" * 50_000)) <= 31


def test_a_span_of_the_levelled_text_points_into_the_original() -> None:
    text = "電話\u200b０９０ー１２３４"
    plain = levelled(text)

    assert plain.text == "電話090-1234"
    assert text[slice(*plain.span(2, 5))] == "０９０"
    assert plain.span(4, 4) == (0, 0)


def test_a_circled_figure_is_no_digit_of_the_number_after_it() -> None:
    assert levelled("①2-3").text == "①2-3"


@given(st.text())
def test_any_text_folds_once_and_for_all_and_has_a_language(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert guess_language(text)
    assert len(fingerprint(text)) == 64
    assert len(levelled(text).text) <= len(text)

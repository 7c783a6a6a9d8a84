"""What the machine notices, and what it leaves alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.analysis.flags import RULES, Screening, screen
from worker.analysis.personal_data import check_digit

LONG = 100_000
BAIT = "0１９-ー一(＋〒旭町丁目番号地字佐藤さん様@a.A!！:/ \u0301\u202e\0\u200b"
TRAPS = (
    *("0", "0-", "(0", "1-", "1234 ", "旭町4-", "4丁目5番", "一", "〒", "佐藤さん", "様"),
    *("a.", "a@a.", "x-", "A ", "!", "www.", "\u0316\u0301", "\u202e", "\0"),
)


def noticed(text: str, rule: str, language: str = "ja") -> list[str]:
    """The pieces of the text under a rule; for a flag on the whole text, its detail."""
    found = (flag for flag in screen(text, language).flags if flag.rule == rule)
    return [text[flag.start : flag.end] or flag.detail for flag in found]


@pytest.mark.parametrize(
    "number",
    [
        "0144-00-1234",
        "０１４４－００－１２３４",
        "0144(00)1234",
        "090一0000一1234",
        "０９０ー００００ー１２３４",
        "09012345678",
        "+81 90-1234-5678",
        "0\u200b90-0000-1234",
    ],
)
def test_a_phone_number_is_seen_however_it_is_written(number: str) -> None:
    assert noticed(f"連絡は{number}まで。", "phone") == [number]


def test_a_local_number_is_seen_after_its_label() -> None:
    assert noticed("電話：00-1234にどうぞ", "phone") == ["00-1234"]


@pytest.mark.parametrize(
    "text",
    [
        "2030-2050年の目標",
        "2019-04-01から10-12月まで、04-12-2018",
        "FNS-2018-0004-0001について",
        "取組1-3-2と施策1-3",
        "予算は1000000000円、濃度は0.037ppm",
        "00-1234",
    ],
)
def test_dates_codes_and_sums_are_no_phone_numbers(text: str) -> None:
    assert noticed(text, "phone") == []


@pytest.mark.parametrize(
    "address",
    ["hanako.t@example.co.jp", "ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ", "hanako[at]example.com"],
)
def test_an_email_address_is_seen_in_running_text(address: str) -> None:
    assert noticed(f"返事は{address}までください", "email") == [address]


def test_a_price_after_an_at_sign_is_no_email_address() -> None:
    assert noticed("Milk @ 1.91, eggs at 3@100", "email", "en") == []


@pytest.mark.parametrize("code", ["〒000-0000", "〒0000000", "053-0000", "〒０５３－００００"])
def test_a_postal_code_is_seen_by_its_mark_or_by_its_first_zero(code: str) -> None:
    assert noticed(f"{code} の者です", "postal-code") == [code]


def test_a_range_of_numbers_is_no_postal_code() -> None:
    assert noticed("100-2000人、300-1500円", "postal-code") == []


@pytest.mark.parametrize(
    "address",
    [
        "苫小牧市旭町4丁目5番6号",
        "旭町4-5-6",
        "旭町４－５－６",
        "旭町四丁目五番六号",
        "しらかば町2-3-4",
        "沼ノ端中央4-5-6",
        "字糸井123番地の4",
        "宮の森町1丁目2-3",
    ],
)
def test_a_town_with_a_block_and_a_number_is_an_address(address: str) -> None:
    assert noticed(f"私、{address}に住んでいます", "address") == [address]


def test_an_english_address_is_seen() -> None:
    assert noticed("I live at 4-5-6 Asahi-machi.", "address", "en") == ["4-5-6 Asahi-machi"]


@pytest.mark.parametrize(
    "text",
    [
        "第3条1項と第4章 2-1、別表1-2",
        "2-3年、町2-3か所、本町に2-3人、旭町2-3丁目",
        "施策1-3と取組1-3-2、苫小牧市1-3の施策",
        "本町2030-2050の目標",
        "旭町4丁目の交差点に信号を",
        "喫緊の一丁目一番地です",
        "P2 L22、文字数1-3、国道36号線",
    ],
)
def test_chapters_codes_counts_and_places_are_no_addresses(text: str) -> None:
    assert noticed(text, "address") == []


def test_twelve_digits_with_the_right_last_one_may_be_an_individual_number() -> None:
    assert check_digit([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]) == 8
    assert noticed("番号は1234 5678 9018です", "my-number") == ["1234 5678 9018"]
    assert noticed("番号は１２３４５６７８９０１８です", "my-number") == [
        "１２３４５６７８９０１８"
    ]


@pytest.mark.parametrize("text", ["123456789012", "000000000000", "1234567890180"])
def test_other_long_numbers_are_no_individual_numbers(text: str) -> None:
    assert noticed(text, "my-number") == []


def test_a_check_digit_weighs_two_to_seven_and_two_to_six_from_the_right() -> None:
    assert check_digit([0] * 11) == 0
    assert check_digit([0] * 10 + [6]) == 0
    assert check_digit([0] * 5 + [2] + [0] * 5) == 8
    assert check_digit([0] * 4 + [2] + [0] * 6) == 7


@pytest.mark.parametrize(
    "name", ["佐藤さん", "佐々木様", "高橋 花子さん", "鈴木一郎氏", "林さん", "タナカさん"]
)
def test_a_surname_with_an_honorific_hints_at_a_person(name: str) -> None:
    assert noticed(f"近所の{name}が言っていました", "person-name") == [name]


def test_a_name_after_its_label_or_before_an_introduction_is_a_hint() -> None:
    assert noticed("氏名：架空 太郎", "person-name") == ["架空 太郎"]
    assert noticed("佐藤花子と申します", "person-name") == ["佐藤花子と申し"]


@pytest.mark.parametrize(
    "text",
    [
        "皆さん、市民の皆様、お客様、お子さん、業者さん、神様、王子様",
        "林業者さん、農家さん、町内会長さん、福島県民さん、山田商店さん",
        "鈴木氏名義、同様、多様、仕様、高橋様式",
        "氏名：匿名希望、氏名は公表すべき",
    ],
)
def test_a_plural_of_sir_or_a_trade_is_no_name_hint(text: str) -> None:
    assert noticed(text, "person-name") == []


def test_an_english_title_hints_at_a_person_but_not_at_an_office() -> None:
    assert noticed("Ask Mrs. Tanaka and Sato-san.", "person-name", "en") == [
        "Mrs. Tanaka",
        "Sato-san",
    ]
    assert noticed("Dear Mr. Mayor, thank you", "person-name", "en") == []


def test_a_link_ends_before_the_full_stop() -> None:
    assert noticed("See https://example.com/a?b=1.", "link", "en") == ["https://example.com/a?b=1"]
    assert noticed("詳しくはshop.example.jpへ", "link") == ["shop.example.jp"]


def test_the_host_of_an_email_address_is_no_link() -> None:
    assert noticed("hanako@example.jp", "link") == []


@pytest.mark.parametrize(
    "text", ["特になし", "なし。", "-", "", "No comment.", "OK", "👍", "テスト"]
)
def test_a_text_that_says_nothing_is_nearly_empty(text: str) -> None:
    assert noticed(text, "nearly-empty") == [""]


@pytest.mark.parametrize("text", ["反対です", "特にバスが不便", "Fix it now"])
def test_a_short_opinion_is_not_nearly_empty(text: str) -> None:
    assert noticed(text, "nearly-empty") == []


def test_sentences_in_capitals_and_four_exclamation_marks_are_noticed() -> None:
    assert noticed("Well. PLEASE FIX THE ROADS AT ONCE. Thanks", "shouting", "en") == [
        "PLEASE FIX THE ROADS AT ONCE."
    ]
    assert noticed("もう限界です！！！！", "exclamation") == ["！！！！"]


def test_abbreviations_and_three_exclamation_marks_are_not_shouting() -> None:
    assert noticed("IPCC, SDGs, NPO, JR!!! The NHK", "shouting", "en") == []
    assert noticed("IPCC, SDGs, NPO, JR!!! The NHK", "exclamation", "en") == []


def test_the_same_words_again_and_again_are_repetitive() -> None:
    assert noticed("バスを増やせ" * 10, "too-repetitive") == [""]
    assert (
        noticed(
            "図書館の開館時間を延ばしてください。仕事の帰りに寄れません。" * 2, "too-repetitive"
        )
        == []
    )


def test_a_language_moderators_do_not_read_is_flagged_with_its_code() -> None:
    assert noticed("我覺得公車的班次應該增加", "language", "ja") == ["zh"]
    assert noticed("我覺得公車的班次應該增加", "language", "zh") == ["zh"]


def test_a_text_in_the_other_language_than_declared_is_flagged() -> None:
    assert noticed("バスを増やしてください", "language", "en") == ["ja"]
    assert noticed("バスを増やしてください", "language", "ja") == []
    assert noticed("不要", "language", "en") == []


def test_an_ordinary_opinion_has_no_flag() -> None:
    text = "施策1-3について。旭町4丁目のバス停に屋根を付けてください（市民の皆様の声です）。"

    assert screen(text, "ja") == Screening("ja", ())


def test_overlapping_finds_of_one_rule_are_one_flag() -> None:
    assert len(screen("電話:0144-00-1234", "ja").flags) == 1


def test_flags_stand_in_the_order_of_the_text_and_repeat_none_of_it() -> None:
    flags = screen("佐藤さん 0144-00-1234 hanako@example.jp !!!!", "ja").flags

    assert [flag.rule for flag in flags] == ["person-name", "phone", "email", "exclamation"]
    assert {flag.detail for flag in flags} == {""}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_text_that_wakes_it(rule: str) -> None:
    texts = (
        "〒053-0000 旭町4-5-6 佐藤さん 0144-00-1234 a@example.jp 123456789018 www.example.jp !!!!",
        "啊啊啊啊" * 20,
        "なし",
        "PLEASE FIX THE ROADS AT ONCE",
    )

    assert any(noticed(text, rule) for text in texts)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["ja", "en"]))
def test_no_text_makes_screening_fail_and_every_span_lies_inside(text: str, language: str) -> None:
    for flag in screen(text, language).flags:
        assert 0 <= flag.start <= flag.end <= len(text)


@given(st.text(st.sampled_from(BAIT)))
def test_no_mixture_of_what_the_rules_look_for_makes_screening_fail(text: str) -> None:
    for flag in screen(text, "ja").flags:
        assert 0 <= flag.start <= flag.end <= len(text)


@pytest.mark.parametrize("piece", TRAPS)
def test_a_hundred_thousand_characters_made_to_hurt_are_screened(piece: str) -> None:
    text = (piece * (LONG // len(piece)))[:LONG]

    assert all(flag.end <= LONG for flag in screen(text, "ja").flags)


def test_what_stands_behind_a_long_trap_is_still_seen() -> None:
    text = "0-" * (LONG // 2) + " hanako@example.jp"

    assert noticed(text, "email") == ["hanako@example.jp"]

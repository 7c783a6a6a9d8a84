"""Facts about the points that opinions are sorted into."""

from __future__ import annotations

from itertools import chain

import pytest

from tests.worker.analysis.opinions import (
    BUSES,
    ENGLISH,
    JAPANESE,
    LIBRARY,
    NURSERY,
    OTHERS,
    SNOW,
    counted,
)
from worker.analysis.points import Compiled, CountedComment, Point, compile_points

ALL = counted(JAPANESE)


def point_of(compiled: Compiled, id: int) -> Point:
    return next(point for point in compiled.points if id in point.comments)


def ids_of(texts: list[str]) -> set[int]:
    return {one.id for one in ALL if one.text in texts}


def test_no_comments_make_no_points() -> None:
    assert compile_points([]) == Compiled((), ())


def test_each_of_a_few_opinions_is_a_point_of_its_own() -> None:
    compiled = compile_points(counted(SNOW))

    assert [point.comments for point in compiled.points] == [(1,), (2,), (3,), (4,), (5,)]
    assert compiled.others == ()


def test_the_heading_of_one_opinion_is_its_key_sentence() -> None:
    (point,) = compile_points(counted([LIBRARY[0]])).points

    assert point.heading in LIBRARY[0]
    assert point.heading.startswith("図書館の開館時間を夜八時まで延ばしてほしい。")
    assert point.quotes[0].text == LIBRARY[0]


def test_a_long_sentence_is_not_cut_to_make_a_heading() -> None:
    text = (
        "図書館の開館時間を延ばすことには、職員の負担が増えるという心配の声があることも承知していますが、"
        "それでも仕事を持つ人が寄れるように延ばしてほしい。"
    )
    (point,) = compile_points(counted([text])).points

    assert point.heading.startswith("図書館・")
    assert all(name in text for name in point.heading.split("・"))


def test_copies_are_one_point_and_one_wording() -> None:
    (point,) = compile_points(counted([BUSES[0]] * 120)).points

    assert (len(point.comments), point.wordings, len(point.quotes)) == (120, 1, 1)


def test_a_campaign_tells_how_many_texts_it_has() -> None:
    text = "路線バスの本数が少なく、病院の帰りに一時間も待っています。午後のバスを増やしてください"
    (point,) = compile_points(counted([text, f"{text}。", f"{text}ませんか。"])).points

    assert (len(point.comments), point.wordings) == (3, 2)


def test_a_copy_that_says_the_opposite_is_another_opinion() -> None:
    text = (
        "駅前の広場を車の入らない歩行者だけの場所にすることについて、商店会の一員として{}します。"
    )
    compiled = compile_points(counted([text.format("賛成"), text.format("反対")]))

    assert len(compiled.points) == 2


def test_opinions_on_one_subject_stand_behind_one_point() -> None:
    compiled = compile_points(ALL)

    for texts, heading in (
        (SNOW, "除雪"),
        (BUSES, "バス"),
        (LIBRARY, "図書館"),
        (NURSERY, "保育園"),
    ):
        point = point_of(compiled, min(ids_of(texts)))
        assert set(point.comments) == ids_of(texts)
        assert point.heading == heading


def test_everyone_behind_a_point_uses_the_first_word_of_its_heading() -> None:
    for point in compile_points(ALL).points:
        texts = [one.text for one in ALL if one.id in point.comments]
        if len(texts) > 1:
            assert all(point.heading.split("・")[0] in text for text in texts)


def test_an_opinion_few_hold_is_quoted() -> None:
    many = [f"{SNOW[0]}{number}丁目です。" for number in range(1, 3)]
    compiled = compile_points(counted([*many, *JAPANESE]))
    quoted = [quote.text for point in compiled.points for quote in point.quotes]

    assert any("減らすべきです" in text for text in quoted)


def test_a_copied_text_does_not_come_first_because_it_was_copied() -> None:
    compiled = compile_points([*ALL, *counted([OTHERS[0]] * 50, first=100)])

    assert len(compiled.points[0].comments) < 50
    assert len(point_of(compiled, 100).comments) == 51


def test_a_measure_shows_about_twelve_points_and_the_rest_as_others() -> None:
    subjects = "橋 池 堤防 消防署 温泉 牧場 空港 駐輪場 墓地 競技場 給食 納税 電柱 街灯 花火 植木"
    compiled = compile_points(counted([f"{word}が古い。" for word in subjects.split()]))

    assert (len(compiled.points), len(compiled.others)) == (12, 4)


def test_each_language_has_points_of_its_own() -> None:
    compiled = compile_points([*ALL, *counted(ENGLISH, "en", first=100)])
    languages = {point.language for point in compiled.points}

    assert languages == {"ja", "en"}
    assert all(
        quote.language == point.language for point in compiled.points for quote in point.quotes
    )


def test_an_english_heading_has_words_as_people_write_them() -> None:
    texts = [f"The sidewalks on {street} are icy." for street in ("Oak", "Elm", "Ash", "Bay")]
    rest = [
        "More buses, please.", "The pool is cold.", "Open the library at night.",
        "Deer eat our gardens.", "Taxes rise too fast.", "Dogs run free in the park.",
        "Cranes in the port make noise.", "We lack nursery places.", "Streetlights went dark.",
    ]  # fmt: skip
    compiled = compile_points(counted([*texts, *rest], "en"))

    assert point_of(compiled, 1).heading.startswith("Sidewalks")


def test_a_language_that_cannot_be_read_is_quoted_but_not_grouped() -> None:
    texts = [f"Mehr Busse in die Straße Nummer {number} bitte" for number in range(20, 40)]
    compiled = compile_points(counted(texts, "de"))

    assert all(
        len(point.quotes) == 1 and point.quotes[0].text in texts for point in compiled.points
    )


def test_a_word_of_the_measure_gives_way_to_the_words_of_the_comments() -> None:
    text = "除雪のことですが、" * 8 + "除雪のあとの排水溝が詰まります"
    heading = compile_points(counted([text]), ["除雪"]).points[0].heading

    assert heading.startswith("排水")


def test_a_withheld_comment_counts_but_is_not_quoted() -> None:
    withheld = CountedComment(99, "除雪が遅いのは某社のせいです。", "ja", quotable=False)
    compiled = compile_points([*ALL, withheld])
    quoted = {quote.comment for point in compiled.points for quote in point.quotes}

    assert 99 in {*chain.from_iterable(p.comments for p in compiled.points), *compiled.others}
    assert 99 not in quoted


def test_what_only_withheld_comments_say_goes_to_the_other_opinions() -> None:
    compiled = compile_points(counted(SNOW, quotable=False))

    assert compiled == Compiled((), (1, 2, 3, 4, 5))


def test_a_withheld_copy_stands_behind_its_published_twin() -> None:
    twins = [
        CountedComment(1, f"{BUSES[0]}佐藤", "ja", quotable=False),
        CountedComment(2, BUSES[0], "ja", quotable=True),
    ]
    (point,) = compile_points(twins).points

    assert point.comments == (1, 2)
    assert [(quote.comment, quote.text) for quote in point.quotes] == [(2, BUSES[0])]


@pytest.mark.parametrize("text", ["", "  \n", "👍", "。。。", "12345", "あ"])
def test_a_comment_without_words_is_lost_nowhere(text: str) -> None:
    compiled = compile_points([*ALL, *counted([text], first=99)])

    assert 99 in {*chain.from_iterable(p.comments for p in compiled.points), *compiled.others}

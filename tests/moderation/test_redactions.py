from __future__ import annotations

import itertools

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from webapp.comments.rules import COVER, Publication
from webapp.moderation.redactions import (
    Part,
    change_of,
    covered_text,
    excerpt,
    occurrences,
    parts,
    settled,
)
from webapp.moderation.rules import COVERABLE, Change, Covered, NothingLeft, Reason

PERSONAL, ABUSE = Reason.PERSONAL_DATA, Reason.ABUSE
FAMILY = "\U0001f468‍\U0001f469‍\U0001f467"


def test_covered_words_are_gone_and_their_length_is_not_told() -> None:
    short = covered_text("電話は1です。", [Covered(3, 4, PERSONAL)])
    long = covered_text("電話は0144-00-0000です。", [Covered(3, 15, PERSONAL)])

    assert short == long == f"電話は{COVER}です。"


@pytest.mark.parametrize("text", ["が", "ｶﾞ", f"{FAMILY}の家", "e\u0301t"])
def test_a_span_never_splits_what_people_see_as_one_character(text: str) -> None:
    (span,) = settled(text, [Covered(0, 1, PERSONAL)])

    assert text[: span.end] == regex.match(r"\X", text)[0]  # type: ignore[index]  # never empty


def test_of_two_spans_over_one_another_the_earlier_keeps_what_both_cover() -> None:
    assert settled("abcdef", [Covered(2, 5, ABUSE), Covered(0, 3, PERSONAL)]) == (
        Covered(0, 3, PERSONAL),
        Covered(3, 5, ABUSE),
    )
    assert settled("abcdef", [Covered(1, 2, ABUSE), Covered(0, 5, PERSONAL)]) == (
        Covered(0, 5, PERSONAL),
    )


def test_a_text_of_which_no_word_is_left_is_refused() -> None:
    with pytest.raises(NothingLeft):
        covered_text("「山田太郎」。", [Covered(1, 5, PERSONAL)])


def test_a_cover_in_the_wrong_place_lends_its_reason_to_nothing() -> None:
    assert parts("■■と書いた。", [Covered(3, 4, ABUSE)]) == (Part("■■と書いた。"),)


def test_an_authors_own_squares_are_no_cover() -> None:
    text = "■■■要望■■■ 山田さんへ"
    spans = settled(text, [Covered(9, 11, PERSONAL)])

    assert parts(covered_text(text, spans), spans) == (
        Part("■■■要望■■■ "),
        Part(COVER, PERSONAL),
        Part("さんへ"),
    )


def test_words_are_found_wherever_they_stand() -> None:
    assert occurrences("山田と山田", "山田") == [(0, 2), (3, 5)]
    assert occurrences("山田", "") == []


spans = st.lists(
    st.builds(Covered, st.integers(-3, 30), st.integers(-3, 30), st.sampled_from(COVERABLE)),
    max_size=5,
)


@given(st.text(min_size=1, max_size=20), spans)
def test_settled_spans_are_whole_characters_in_order(text: str, wild: list[Covered]) -> None:
    found = settled(text, wild)
    edges = {0, *(match.end() for match in regex.finditer(r"\X", text))}

    assert all(span.start < span.end and {span.start, span.end} <= edges for span in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert settled(text, found) == found
    wanted = {i for s in wild for i in range(max(0, s.start), min(len(text), s.end))}
    assert wanted <= {i for s in found for i in range(s.start, s.end)}


@given(st.text(max_size=20).map(lambda text: "書" + text), spans, st.integers(0, 30))
def test_the_parts_of_a_published_text_are_the_text(
    text: str, wild: list[Covered], start: int
) -> None:
    found = settled(text, wild)
    try:
        published = covered_text(text, found)
    except NothingLeft:
        return
    whole = parts(published, found)
    passage = published[start : start + 8]

    assert "".join(part.text for part in whole) == published
    assert [part.reason for part in whole if part.reason] == [span.reason for span in found]
    assert "".join(part.text for part in excerpt(whole, passage)) == passage


def test_only_a_later_decision_corrects_and_only_what_people_read() -> None:
    published, redacted, withheld = (
        Publication.PUBLISHED,
        Publication.REDACTED,
        Publication.WITHHELD,
    )

    assert change_of(Publication.WAITING, None, published, "a", is_first=True) is None
    assert change_of(published, "a", published, "a", is_first=False) is None
    assert change_of(withheld, None, withheld, None, is_first=False) is None
    assert change_of(published, "a", withheld, None, is_first=False) is Change.WITHHELD
    assert change_of(withheld, None, published, "a", is_first=False) is Change.PUBLISHED
    assert change_of(published, "a", redacted, "b", is_first=False) is Change.COVERED
    assert change_of(redacted, "b", published, "a", is_first=False) is Change.UNCOVERED
    assert change_of(redacted, "b", redacted, "c", is_first=False) is Change.COVERED_OTHERWISE

"""The checker finds each kind of lie."""

from __future__ import annotations

from dataclasses import replace

import pytest

from webapp.comments.rules import Channel, Publication, Stance, Treatment
from webapp.summaries.checker import check_lasting, check_section
from webapp.summaries.rules import Counts, Point, Quote, SectionDocument, WeekComment


def comment(
    id: int,
    text: str,
    publication: Publication = Publication.PUBLISHED,
    treatment: Treatment = Treatment.COUNTS,
    receipt_id: int | None = None,
) -> WeekComment:
    return WeekComment(
        id=id,
        measure_id=7,
        version=2,
        language="ja",
        channel=Channel.WEB,
        stance=Stance.SUGGEST,
        publication=publication,
        treatment=treatment,
        receipt_id=receipt_id or id,
        text=text,
    )


ROWS = [
    comment(1, "歩道の除雪を早くしてほしい。朝が大変です。"),
    comment(2, "歩道の除雪を増やしてください。", receipt_id=1),
    comment(3, "市長の悪口と除雪。", Publication.WITHHELD),
    comment(4, "まだ読まれていない意見。", Publication.WAITING, Treatment.UNDECIDED),
    comment(5, "あああ", Publication.WITHHELD, Treatment.NOT_AN_OPINION),
    comment(6, "図書館を夜も開けてほしい。"),
]
POINT = Point(
    "歩道・除雪", "ja", (1, 2, 3), 3, (Quote(1, "歩道の除雪を早くしてほしい。", "ja"),), 2
)
HONEST = SectionDocument("1-1", Counts.of(ROWS), (POINT,), (6,), (3,))


def quoting(comment: int, text: str, language: str = "ja") -> SectionDocument:
    return replace(HONEST, points=(replace(POINT, quotes=(Quote(comment, text, language),)),))


def behind(*ids: int) -> SectionDocument:
    return replace(HONEST, points=(replace(POINT, comments=ids),))


LIES = {
    "a wrong number": (
        replace(HONEST, counts=replace(HONEST.counts, published=4)),
        "published says 4, but it is 3",
    ),
    "a wrong share": (
        replace(HONEST, counts=replace(HONEST.counts, by_stance={"oppose": 6})),
        "by_stance says {'oppose': 6}, but it is {'suggest': 6}",
    ),
    "other people": (
        replace(HONEST, counts=replace(HONEST.counts, receipts=frozenset({1, 3, 4, 5}))),
        "receipts says [1, 3, 4, 5], but it is [1, 3, 4, 5, 6]",
    ),
    "as many people as comments": (
        replace(HONEST, points=(replace(POINT, people=3),)),
        "'歩道・除雪' says 3 people, but it is 2",
    ),
    "a missing comment": (behind(1, 2), "comment 3 counts, but stands nowhere"),
    "a comment in two places": (behind(1, 2, 3, 6), "comment 6 stands in 2 places"),
    "an unknown comment": (
        behind(1, 2, 3, 99),
        "comment 99 is none of this week's on this measure",
    ),
    "a waiting comment": (
        behind(1, 2, 3, 4),
        "comment 4 stands behind the summary, but is undecided",
    ),
    "what is no opinion": (
        behind(1, 2, 3, 5),
        "comment 5 stands behind the summary, but is not-an-opinion",
    ),
    "an altered quote": (
        quoting(1, "歩道の除雪を遅くしてほしい。"),
        "a quote is not verbatim from comment 1",
    ),
    "an empty quote": (quoting(1, " "), "a quote is not verbatim from comment 1"),
    "a quote of a withheld comment": (
        quoting(3, "市長の悪口"),
        "comment 3 is quoted, but withheld and counts",
    ),
    "a quote of another comment than those behind the point": (
        quoting(6, "図書館を夜も"),
        "comment 6 is quoted, but not behind '歩道・除雪'",
    ),
    "a quote of a waiting comment": (
        quoting(4, "まだ読まれていない"),
        "comment 4 is quoted, but waiting and undecided",
    ),
    "a quote in a wrong language": (
        quoting(1, "歩道の除雪", "en"),
        "a quote from comment 1 is marked en",
    ),
    "withheld words in a heading": (
        replace(HONEST, points=(replace(POINT, heading="除雪・悪口"),)),
        "the heading '除雪・悪口' has words that are not published",
    ),
    "more wordings than texts": (
        replace(HONEST, points=(replace(POINT, wordings=4),)),
        "'歩道・除雪' says 4 wordings of 3 texts",
    ),
    "no wording": (
        replace(HONEST, points=(replace(POINT, wordings=0),)),
        "'歩道・除雪' says 0 wordings of 3 texts",
    ),
    "a point of nothing": (
        replace(HONEST, points=(POINT, Point("空", "ja", (), 1, (), 0))),
        "no comment is behind '空'",
    ),
    "a withheld comment called published": (
        replace(HONEST, unpublished=()),
        "unpublished says [], but it is [3]",
    ),
}


def test_an_honest_section_holds() -> None:
    assert check_section(HONEST, ROWS) == []


@pytest.mark.parametrize(("document", "finding"), LIES.values(), ids=LIES.keys())
def test_a_lie_is_found(document: SectionDocument, finding: str) -> None:
    assert finding in check_section(document, ROWS)


@pytest.mark.parametrize("lie", ["an altered quote", "a comment in two places"])
def test_what_must_last_is_found_later_too(lie: str) -> None:
    document, finding = LIES[lie]

    assert finding in check_lasting(document, {row.id: row.text for row in ROWS})


def test_later_decisions_are_no_lie_of_an_earlier_summary() -> None:
    assert check_lasting(HONEST, {row.id: row.text for row in ROWS}) == []

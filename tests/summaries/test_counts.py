"""Counts add up, and documents have one spelling."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.summaries.conftest import one_by_one
from webapp.comments.rules import Channel, Publication, Stance, Treatment
from webapp.summaries.checker import check_section
from webapp.summaries.compiling import MeasureTexts, compile_section
from webapp.summaries.rules import Counts, SectionDocument, WeekComment, inputs_digest, total

DECIDED = st.tuples(
    st.sampled_from([Publication.PUBLISHED, Publication.REDACTED, Publication.WITHHELD]),
    st.sampled_from([Treatment.COUNTS, Treatment.OUT_OF_SCOPE, Treatment.NOT_AN_OPINION]),
)
STATES = st.one_of(DECIDED, st.just((Publication.WAITING, Treatment.UNDECIDED)))


@st.composite
def weeks(draw: st.DrawFn) -> list[WeekComment]:
    rows = draw(st.lists(st.tuples(STATES, st.integers(1, 4), st.integers(0, 3)), max_size=30))
    return [
        WeekComment(
            id=number,
            measure_id=measure,
            version=1,
            language=draw(st.sampled_from(["ja", "en", "other"])),
            channel=draw(st.sampled_from(Channel)),
            stance=draw(st.sampled_from([None, *Stance])),
            publication=state[0],
            treatment=state[1],
            receipt_id=draw(st.integers(1, 12)),
            text=["除雪を増やす。", "図書館を開ける。", "More buses, please.", "鹿の柵を。"][text],
        )
        for number, (state, measure, text) in enumerate(rows, start=1)
    ]


def by_measure(rows: list[WeekComment]) -> list[list[WeekComment]]:
    return [[row for row in rows if row.measure_id == measure] for measure in range(1, 5)]


@given(weeks())
def test_the_sums_of_measures_are_the_totals(rows: list[WeekComment]) -> None:
    assert total(Counts.of(part) for part in by_measure(rows)) == Counts.of(rows)


@given(weeks())
def test_who_writes_on_several_measures_is_one_person_in_all(rows: list[WeekComment]) -> None:
    people = {row.receipt_id for row in rows}

    assert total(Counts.of(part) for part in by_measure(rows)).people == len(people)


def test_people_unknown_somewhere_are_unknown_in_all() -> None:
    before_people_were_counted = Counts.read('{"received":2,"waiting":2}')

    assert before_people_were_counted.people is None
    assert (before_people_were_counted + Counts(receipts=frozenset({1}))).people is None
    assert Counts().people == 0


@given(weeks())
def test_every_comment_received_is_published_withheld_or_waiting(rows: list[WeekComment]) -> None:
    counts = Counts.of(rows)

    assert counts.received == counts.published + counts.withheld + counts.waiting
    assert counts.received == counts.waiting + (
        counts.counted + counts.out_of_scope + counts.not_an_opinion
    )


@given(weeks())
def test_each_breakdown_adds_up_to_all_comments_received(rows: list[WeekComment]) -> None:
    counts = Counts.of(rows)

    for shares in (counts.by_stance, counts.by_language, counts.by_channel):
        assert sum(shares.values()) == counts.received


@given(weeks())
def test_an_honest_section_passes_the_checker(rows: list[WeekComment]) -> None:
    section = compile_section(MeasureTexts("1-1", ()), rows, one_by_one)

    assert check_section(section, rows) == []


@given(weeks(), st.randoms())
def test_the_same_input_gives_the_same_bytes(rows: list[WeekComment], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    measure = MeasureTexts("1-1", ())
    section = compile_section(measure, sorted(shuffled, key=lambda row: row.id), one_by_one)

    assert section.written() == compile_section(measure, rows, one_by_one).written()
    assert SectionDocument.read(section.written()) == section
    assert inputs_digest(shuffled) == inputs_digest(rows)


def test_a_decision_changes_the_digest_of_the_inputs() -> None:
    row = WeekComment(
        1, 1, 1, "ja", Channel.WEB, None, Publication.WAITING, Treatment.UNDECIDED, 1, "除雪"
    )
    decided = replace(row, publication=Publication.PUBLISHED, version=2)

    assert inputs_digest([row]) != inputs_digest([decided])


def test_counts_survive_being_written_and_read() -> None:
    counts = Counts(
        received=2, waiting=2, by_channel={"web": 1, "fax": 1}, receipts=frozenset({12, 3})
    )

    assert Counts.read(counts.written()) == counts

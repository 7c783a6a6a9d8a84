"""A stored summary as a reader gets it: under the programme's words, with what may be read now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from webapp.citytime import Week
from webapp.measures.queries import Line, StageOutline, stage_outline
from webapp.measures.rules import EntryKind
from webapp.reports.queries import stored_figures
from webapp.reports.rules import MeasureFigures
from webapp.summaries.models import Summary
from webapp.summaries.queries import measures_before, sections_of, summaries_of
from webapp.summaries.rules import Counts, SectionDocument, total
from webapp.summaries.shown import ShownSection, shown_sections


@dataclass(frozen=True)
class Part:
    """A pillar or a measure with comments in the week; a pillar's counts are sums of measures."""

    line: Line
    counts: Counts
    parts: tuple[Part, ...]
    section: ShownSection | None

    def walk(self) -> Iterator[Part]:
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True)
class Report:
    """A whole report, or the part of it that somebody wished for.

    `before` are the counts of the week before, where it was reported. `figures` are what charts
    show beside the counts; None where they were never stored, as for the oldest reports.
    `measure_ids` are the measures it speaks of, with comments or without. `is_part` says that the
    reader did not ask for the whole stage.
    """

    stage: StageOutline
    week: str
    monday: date
    sunday: date
    revision: int
    compiled_at: datetime
    counts: Counts
    before: Counts | None
    parts: tuple[Part, ...]
    first_time: tuple[Line, ...]
    by_measure: Mapping[int, MeasureFigures]
    figures: MeasureFigures | None
    measure_ids: frozenset[int]
    is_part: bool

    @property
    def measures(self) -> tuple[Part, ...]:
        """The measures with comments, in the order of the programme."""
        return tuple(p for part in self.parts for p in part.walk() if p.section is not None)


def read_report(
    session: Session, summary: Summary, lang: str, entries: frozenset[int] = frozenset()
) -> Report:
    """The report that a summary is, in the words of one language.

    Naming pillars or measures leaves all others out, of the numbers too.
    """
    week = Week.parse(summary.period)
    outline = stage_outline(session, summary.stage, lang, summary.compiled_at, with_withdrawn=True)
    wanted = measures_under(outline, entries)
    documents = _documents(session, summary.id, wanted)
    shown = shown_sections(session, summary.stage_id, week, documents)
    known = measures_before(session, summary.stage_id, week)
    figures = stored_figures(session, summary.id)
    by_measure = {id: f for id, f in (figures or {}).items() if id in wanted}
    return Report(
        stage=outline,
        week=summary.period,
        monday=week.monday,
        sunday=sunday(week),
        revision=summary.revision,
        compiled_at=summary.compiled_at,
        counts=_total(summary, documents, entries),
        before=_before(session, summary.stage_id, week, wanted, entries),
        parts=tuple(_parts(outline.entries, documents, shown)),
        first_time=tuple(m for m in outline.measures if m.id in documents and m.id not in known),
        by_measure=by_measure,
        figures=None if figures is None else sum(by_measure.values(), MeasureFigures()),
        measure_ids=wanted,
        is_part=bool(entries),
    )


def measures_under(outline: StageOutline, entries: frozenset[int]) -> frozenset[int]:
    """The measures that stand under these entries, or are among them; without any, all."""
    chosen = [line for line in outline.walk() if line.id in entries] if entries else outline.entries
    return frozenset(
        line.id for top in chosen for line in top.walk() if line.kind is EntryKind.MEASURE
    )


def _documents(
    session: Session, summary_id: int, wanted: frozenset[int]
) -> dict[int, SectionDocument]:
    return {
        section.measure_id: SectionDocument.read(section.document)
        for section in sections_of(session, summary_id)
        if section.measure_id in wanted
    }


def _total(
    summary: Summary, documents: Mapping[int, SectionDocument], entries: frozenset[int]
) -> Counts:
    """The stored total of the whole stage, or the sum of the wanted part of it."""
    if not entries:
        return Counts.read(summary.totals)
    return total(document.counts for document in documents.values())


def _before(
    session: Session,
    stage_id: int,
    week: Week,
    wanted: frozenset[int],
    entries: frozenset[int],
) -> Counts | None:
    earlier = summaries_of(session, stage_id, before=week, limit=1)
    if not earlier or Week.parse(earlier[0].period).next() != week:
        return None
    documents = _documents(session, earlier[0].id, wanted) if entries else {}
    return _total(earlier[0], documents, entries)


def _parts(
    lines: Iterable[Line],
    documents: Mapping[int, SectionDocument],
    shown: Mapping[int, ShownSection],
) -> Iterator[Part]:
    for line in lines:
        if line.id in documents:
            yield Part(line, documents[line.id].counts, (), shown[line.id])
        else:
            parts = tuple(_parts(line.children, documents, shown))
            if parts:
                yield Part(line, total(part.counts for part in parts), parts, None)


@dataclass(frozen=True)
class ListedReport:
    """One line of a list of reports."""

    week: str
    monday: date
    sunday: date
    counts: Counts


def listed(summaries: Iterable[Summary]) -> list[ListedReport]:
    return [
        ListedReport(
            summary.period,
            Week.parse(summary.period).monday,
            sunday(Week.parse(summary.period)),
            Counts.read(summary.totals),
        )
        for summary in summaries
    ]


def sunday(week: Week) -> date:
    return week.monday + timedelta(days=6)

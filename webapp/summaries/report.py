"""A stored summary as a reader gets it: under the programme's words, with what may be read now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from webapp.citytime import Week
from webapp.measures.queries import Line, StageOutline, stage_outline
from webapp.summaries.models import Summary
from webapp.summaries.queries import measures_before, summaries_of
from webapp.summaries.revisions import documents_of
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
    """A whole report. `before` are the counts of the week before, where it was reported."""

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

    @property
    def measures(self) -> tuple[Part, ...]:
        """The measures with comments, in the order of the programme."""
        return tuple(p for part in self.parts for p in part.walk() if p.section is not None)


def read_report(session: Session, summary: Summary, lang: str) -> Report:
    """The report that a summary is, in the words of one language."""
    week = Week.parse(summary.period)
    outline = stage_outline(session, summary.stage, lang, summary.compiled_at, with_withdrawn=True)
    documents = documents_of(session, summary)
    shown = shown_sections(session, summary, documents)
    known = measures_before(session, summary.stage_id, week)
    return Report(
        stage=outline,
        week=summary.period,
        monday=week.monday,
        sunday=sunday(week),
        revision=summary.revision,
        compiled_at=summary.compiled_at,
        counts=Counts.read(summary.totals),
        before=_before(session, summary.stage_id, week),
        parts=tuple(_parts(outline.entries, documents, shown)),
        first_time=tuple(m for m in outline.measures if m.id in documents and m.id not in known),
    )


def _before(session: Session, stage_id: int, week: Week) -> Counts | None:
    earlier = summaries_of(session, stage_id, before=week, limit=1)
    if not earlier or Week.parse(earlier[0].period).next() != week:
        return None
    return Counts.read(earlier[0].totals)


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

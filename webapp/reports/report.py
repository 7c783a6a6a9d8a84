"""A stored summary as a reader gets it: under the programme's words, with what may be read now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from webapp.catalogues import tag
from webapp.citytime import Week, city_day, last_day
from webapp.interpreting.queries import translations_of
from webapp.interpreting.rules import Shown as Translation
from webapp.measures.queries import Line, StageOutline, periods_of, stage_outline
from webapp.measures.rules import EntryKind
from webapp.refusal import NotThere
from webapp.reports import news
from webapp.reports.news import Change, Growth, Waiting
from webapp.reports.queries import stored_figures
from webapp.reports.rules import MeasureFigures
from webapp.summaries.edited import Introduction, Written, read_written
from webapp.summaries.editing import signoff_of
from webapp.summaries.models import Summary
from webapp.summaries.revisions import documents_of, is_stale, latest_of, revision_of
from webapp.summaries.rules import Counts, SectionDocument, SummaryKind, total
from webapp.summaries.scopes import Scope
from webapp.summaries.shown import ShownSection, shown_sections


@dataclass(frozen=True)
class Part:
    """A pillar or a measure with comments in the week; a pillar's counts are sums of measures.

    `actions` are those of a measure that comments name; `introduction` is what staff wrote.
    """

    line: Line
    counts: Counts
    parts: tuple[Part, ...]
    section: ShownSection | None
    actions: tuple[tuple[Line, Counts], ...] = ()
    introduction: Introduction | None = None

    def walk(self) -> Iterator[Part]:
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True)
class Report:
    """A whole report, or what it says of one entry of the programme.

    `week` is the period; `monday` and `sunday` are its first and last day. `before` are the counts
    of the week before or, in a summary to date, those of a week ago. `changes` are what this
    revision changed, by measure.

    `figures` are what charts show beside the counts; None where they were never stored, as for the
    oldest reports. `measure_ids` are the measures it speaks of, with comments or without.
    `is_part` says that the reader did not ask for the whole stage. `translations` are those of
    quoted comments in other languages, by comment.
    """

    stage: StageOutline
    kind: SummaryKind
    week: str
    monday: date
    sunday: date
    revision: int
    newest: int
    stale: bool
    compiled_at: datetime
    entry: Line | None
    counts: Counts
    before: Counts | None
    parts: tuple[Part, ...]
    first_time: tuple[Line, ...]
    grew: tuple[Growth, ...]
    waits: Waiting | None
    earlier: Summary | None
    introduction: Introduction | None
    signed_at: datetime | None
    changes: tuple[Change, ...]
    by_measure: Mapping[int, MeasureFigures]
    figures: MeasureFigures | None
    measure_ids: frozenset[int]
    is_part: bool
    translations: Mapping[int, Translation]

    @property
    def measures(self) -> tuple[Part, ...]:
        """The measures with comments, in the order of the programme."""
        return tuple(p for part in self.parts for p in part.walk() if p.section is not None)


def read_report(
    session: Session,
    summary: Summary,
    lang: str,
    entries: frozenset[int] = frozenset(),
    *,
    code: str | None = None,
) -> Report:
    """The report that a summary is, in the words of one language.

    Naming pillars or measures by their ids leaves all others out, of the numbers too. With the
    code of a pillar, measure or action, what it says of that. Raises NotThere when the stage has
    no such entry.
    """
    scope = Scope.of_summary(summary)
    outline = stage_outline(session, summary.stage, lang, summary.compiled_at, with_withdrawn=True)
    entry = outline.line(code) if code else None
    if code and entry is None:
        raise NotThere
    measures = _measures_at(outline, entry)
    wanted = measures_under(outline, entries).intersection(measure.id for measure in measures)
    documents = documents_of(session, summary, wanted)
    earlier = news.a_week_before(session, summary)
    before = documents_of(session, earlier, wanted) if earlier else {}
    of_action = entry is not None and entry.kind is EntryKind.ACTION
    if of_action:
        documents, before = _of_action(documents, code), _of_action(before, code)
    is_weekly = summary.kind is SummaryKind.WEEKLY  # all of a week is new
    shown = shown_sections(session, summary, documents, {} if is_weekly else before)
    newest = latest_of(session, scope) or summary
    codes = frozenset(line.code for line in outline.walk())
    written = read_written(session, summary, {} if of_action else documents, codes, lang)
    shown = {id: written.over(id, section) for id, section in shown.items()}
    previous = revision_of(session, scope, summary.revision - 1)
    old = documents_of(session, previous, list(documents)) if previous else {}
    first, last = _days(session, summary)
    figures = stored_figures(session, summary.id)
    by_measure = {id: each for id, each in (figures or {}).items() if id in wanted}
    return Report(
        stage=outline,
        kind=summary.kind,
        week=summary.period,
        monday=first,
        sunday=last,
        revision=summary.revision,
        newest=newest.revision,
        stale=newest.id == summary.id and is_stale(session, summary),
        compiled_at=summary.compiled_at,
        entry=entry,
        counts=total(document.counts for document in documents.values()),
        before=total(d.counts for d in before.values()) if earlier else None,
        parts=tuple(_parts(_lines_at(outline, entry), documents, shown, written)),
        first_time=news.first_time(
            session, summary, measures, documents, before if earlier else None
        ),
        grew=news.grown(outline, before, documents) if earlier else (),
        waits=news.waiting(outline, documents),
        earlier=previous,
        introduction=written.introduction_of(None) if entry is None and not entries else None,
        signed_at=signed.signed_at if (signed := signoff_of(session, summary.id)) else None,
        changes=news.changes(
            session,
            previous,
            outline,
            _of_action(old, code) if of_action else old,
            documents,
            shown,
        ),
        by_measure=by_measure,
        figures=None if figures is None else sum(by_measure.values(), MeasureFigures()),
        measure_ids=wanted,
        is_part=bool(entries),
        translations=translations_of(session, _quoted(shown.values()), tag(lang)),
    )


def _quoted(sections: Iterable[ShownSection]) -> list[int]:
    return [q.comment for s in sections for point in s.points for q in point.quotes]


def measures_under(outline: StageOutline, entries: frozenset[int]) -> frozenset[int]:
    """The measures that stand under these entries, or are among them; without any, all."""
    chosen = [line for line in outline.walk() if line.id in entries] if entries else outline.entries
    return frozenset(
        line.id for top in chosen for line in top.walk() if line.kind is EntryKind.MEASURE
    )


def _measures_at(outline: StageOutline, entry: Line | None) -> tuple[Line, ...]:
    """The measures of a stage, of a pillar, or the one that an entry is or belongs to."""
    if entry is None:
        return outline.measures
    path = (*outline.path_to(entry.code), entry)
    above = [line for line in path if line.kind is EntryKind.MEASURE]
    within = [line for line in entry.walk() if line.kind is EntryKind.MEASURE]
    return tuple(above[:1] or within)


def _lines_at(outline: StageOutline, entry: Line | None) -> tuple[Line, ...]:
    if entry is None:
        return outline.entries
    return _measures_at(outline, entry) if entry.kind is EntryKind.ACTION else (entry,)


def _of_action(
    documents: Mapping[int, SectionDocument], code: str | None
) -> dict[int, SectionDocument]:
    found = {id: document.of(code or "") for id, document in documents.items()}
    return {id: document for id, document in found.items() if document is not None}


def _days(session: Session, summary: Summary) -> tuple[date, date]:
    """The first and the last day that a summary speaks of."""
    if summary.kind is SummaryKind.WEEKLY:
        week = Week.parse(summary.period)
        return week.monday, sunday(week)
    periods = {str(period.id): period for period in periods_of(session, summary.stage_id)}
    if summary.period in periods:
        period = periods[summary.period]
        last = last_day(period.closes_at) or city_day(period.closes_at)
        return city_day(period.opens_at), last
    opened = [city_day(period.opens_at) for period in periods.values()]
    until = city_day(summary.compiled_at)
    return min([*opened, until]), until


def _parts(
    lines: Iterable[Line],
    documents: Mapping[int, SectionDocument],
    shown: Mapping[int, ShownSection],
    written: Written,
) -> Iterator[Part]:
    for line in lines:
        if line.id in documents:
            document = documents[line.id]
            actions, words = tuple(_actions(line, document)), written.introduction_of(line.id)
            yield Part(line, document.counts, (), shown[line.id], actions, words)
        else:
            parts = tuple(_parts(line.children, documents, shown, written))
            if parts:
                yield Part(line, total(part.counts for part in parts), parts, None)


def _actions(measure: Line, document: SectionDocument) -> Iterator[tuple[Line, Counts]]:
    lines = {line.code: line for line in measure.walk()}
    for action in document.actions:
        if action.measure in lines:
            yield lines[action.measure], action.counts


def sunday(week: Week) -> date:
    return week.monday + timedelta(days=6)


@dataclass(frozen=True)
class ListedReport:
    """One line of a list of reports; `id` is that of the newest revision."""

    id: int
    week: str
    monday: date
    sunday: date
    counts: Counts


def listed(summaries: Iterable[Summary]) -> list[ListedReport]:
    return [
        ListedReport(
            summary.id,
            summary.period,
            Week.parse(summary.period).monday,
            sunday(Week.parse(summary.period)),
            Counts.read(summary.totals),
        )
        for summary in summaries
    ]

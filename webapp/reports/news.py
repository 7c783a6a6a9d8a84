"""What is new in a report: first comments, what grew, what waits, what a revision changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from webapp.citytime import Week, city_day
from webapp.measures.queries import Line, StageOutline
from webapp.summaries import comparison
from webapp.summaries.comparison import SectionChange
from webapp.summaries.models import Summary
from webapp.summaries.queries import measures_before, summaries_of
from webapp.summaries.revisions import as_of
from webapp.summaries.rules import SectionDocument, SummaryKind
from webapp.summaries.scopes import Scope
from webapp.summaries.shown import ShownSection, shown_sections

Change = tuple[Line, SectionChange, ShownSection, ShownSection]
"""A changed measure, the change, and its section before and after as they may be read now."""


@dataclass(frozen=True)
class Growth:
    """A measure on which more came than before; numbers of comments."""

    line: Line
    before: int
    after: int


@dataclass(frozen=True)
class Waiting:
    """The measure with the comment that waits longest, and the day on which that comment came."""

    line: Line
    since: date


def a_week_before(session: Session, summary: Summary) -> Summary | None:
    """The newest report of an earlier week, or the summary to date as it was a week ago."""
    if summary.kind is SummaryKind.WEEKLY:
        week = Week.parse(summary.period)
        found = summaries_of(session, summary.stage_id, before=week, limit=1)
        return next((s for s in found if Week.parse(s.period).next() == week), None)
    if summary.kind is SummaryKind.TO_DATE:
        scope = Scope.of_summary(summary)
        return as_of(session, scope, summary.compiled_at - timedelta(days=7))
    return None


def waiting(outline: StageOutline, documents: Mapping[int, SectionDocument]) -> Waiting | None:
    """Where the comment stands that waits longest; None where none waits."""
    found = comparison.longest_waiting(documents)
    line = outline.line_with_id(found[0]) if found else None
    return Waiting(line, city_day(datetime.fromisoformat(found[1]))) if found and line else None


def first_time(
    session: Session,
    summary: Summary,
    measures: Iterable[Line],
    documents: Mapping[int, SectionDocument],
    before: Mapping[int, SectionDocument] | None,
) -> tuple[Line, ...]:
    """The measures that had no comments in any week before, or a week ago."""
    if summary.kind is SummaryKind.WEEKLY:
        known = measures_before(session, summary.stage_id, Week.parse(summary.period))
    elif before is not None:
        known = set(before)
    else:
        return ()
    return tuple(line for line in measures if line.id in documents and line.id not in known)


def grown(
    outline: StageOutline,
    before: Mapping[int, SectionDocument],
    documents: Mapping[int, SectionDocument],
) -> tuple[Growth, ...]:
    """The measures with more comments than before."""
    found = (
        (outline.line_with_id(id), old, new) for id, old, new in comparison.grown(before, documents)
    )
    return tuple(Growth(line, old, new) for line, old, new in found if line is not None)


def changes(
    session: Session,
    previous: Summary | None,
    outline: StageOutline,
    old: Mapping[int, SectionDocument],
    documents: Mapping[int, SectionDocument],
    shown: Mapping[int, ShownSection],
) -> tuple[Change, ...]:
    """Each changed measure: its line, the change, and both sections as they may be read now.

    In a summary to date each day brings changes, so only those are told that took something away.
    """
    if previous is None:
        return ()
    told = {id: comparison.changes(old[id], documents[id]) for id in documents if id in old}
    kept = {
        id: change
        for id, change in told.items()
        if change.old != change.new
        and (previous.kind is not SummaryKind.TO_DATE or change.took_away)
    }
    was = shown_sections(session, previous, {id: change.old for id, change in kept.items()})
    return tuple(
        (line, kept[line.id], was[line.id], shown[line.id])
        for line in outline.measures
        if line.id in kept
    )

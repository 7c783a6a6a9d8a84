"""Issuing summaries: each is found or made once, and made again when its comments have changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.citytime import Week
from webapp.measures.models import CommentPeriod, Stage
from webapp.measures.queries import stage_outline
from webapp.measures.services import turn_edition
from webapp.refusal import NotThere
from webapp.summaries.compiling import Compiler, MeasureTexts, compile_section, compile_sections
from webapp.summaries.front import front_of
from webapp.summaries.models import Summary, SummarySection
from webapp.summaries.queries import comments_within
from webapp.summaries.revisions import EMPTY, Stored, latest_of, marks_of, stored_sections
from webapp.summaries.rules import (
    PeriodNotOver,
    SectionDocument,
    WeekComment,
    WeekNotOver,
    digest_of,
    inputs_digest,
    total,
)
from webapp.summaries.scopes import Scope

COMPILER = "compiler"
"""How the audit trail names the machine."""
LANGUAGES_OF_WORDS = ("ja", "en")


@dataclass(frozen=True)
class _Made:
    """A section that is new or changed, ready to be stored."""

    document: str
    inputs: str
    mark: str
    front: str


def compile_week(
    session: Session, stage_id: int, week: Week, compile_points: Compiler, now: datetime
) -> Summary | None:
    """Make the summary of a week, or a new revision when its comments have changed since.

    None when the stored one is up to date.
    When another worker is first, its summary is returned. Raises WeekNotOver, NotThere, and
    BrokenSummary when the checker finds anything untrue; then nothing is stored.
    """
    if week.ends_at > now:
        raise WeekNotOver(week=week)
    return _issue(session, Scope.of_week(stage_id, week), compile_points, now)


def compile_closing(
    session: Session, period_id: int, compile_points: Compiler, now: datetime
) -> Summary | None:
    """The same for all comments of a comment period that has closed. Raises PeriodNotOver."""
    period = session.get(CommentPeriod, period_id)
    if period is None:
        raise NotThere
    if period.closes_at > now:
        raise PeriodNotOver
    return _issue(session, Scope.of_period(period), compile_points, now)


def compile_to_date(
    session: Session, stage_id: int, compile_points: Compiler, now: datetime
) -> Summary | None:
    """The same for all comments of a stage until now; only changed measures are compiled."""
    return _issue(session, Scope.to_date(stage_id, now), compile_points, now)


def _issue(
    session: Session, scope: Scope, compile_points: Compiler, now: datetime
) -> Summary | None:
    stage = session.get(Stage, scope.stage_id)
    if stage is None:
        raise NotThere
    latest = latest_of(session, scope)
    revision = latest.revision if latest else 0
    stored = stored_sections(session, latest) if latest else {}
    marks = marks_of(session, scope)
    changed = [
        id
        for id in sorted({*marks, *stored})
        if id not in stored or stored[id].mark != marks.get(id, EMPTY)
    ]
    if latest and not changed:
        session.rollback()
        return None
    rows = comments_within(session, scope, changed)
    measures = _measure_texts(session, stage, now)
    session.rollback()  # compiling takes its time, and holds nobody up
    made = _sections(rows, changed, measures, marks, compile_points)
    if latest and all(id in stored and stored[id].document == m.document for id, m in made.items()):
        _note_marks(session, stored, made)
        return None
    return _store(session, scope, revision + 1, stored, made, now)


def _sections(
    rows: Iterable[WeekComment],
    changed: Iterable[int],
    measures: Mapping[int, MeasureTexts],
    marks: Mapping[int, str],
    compile_points: Compiler,
) -> dict[int, _Made]:
    by_measure: defaultdict[int, list[WeekComment]] = defaultdict(list)
    for row in rows:
        by_measure[row.measure_id].append(row)
    documents = compile_sections(
        [row for some in by_measure.values() for row in some], measures, compile_points
    )
    for id in set(changed).difference(by_measure):  # its comments have moved out of the period
        documents[id] = compile_section(measures[id], [], compile_points)
    return {
        id: _Made(
            document.written(),
            inputs_digest(by_measure[id]),
            marks.get(id, EMPTY),
            front_of(document, by_measure[id]),
        )
        for id, document in sorted(documents.items())
    }


def _note_marks(session: Session, stored: Mapping[int, Stored], made: Mapping[int, _Made]) -> None:
    """What changed does not show in any section: they hold for the comments as they are now."""
    for id, section in made.items():
        session.execute(
            update(SummarySection)
            .where(
                SummarySection.summary_id == stored[id].summary_id, SummarySection.measure_id == id
            )
            .values(inputs=section.inputs, mark=section.mark, front=section.front)
        )
    turn_edition(session)
    session.commit()


def _store(
    session: Session,
    scope: Scope,
    revision: int,
    stored: Mapping[int, Stored],
    made: Mapping[int, _Made],
    now: datetime,
) -> Summary:
    whole: dict[int, Stored | _Made] = {**stored, **made}
    summary = Summary(
        stage_id=scope.stage_id,
        kind=scope.kind,
        period=scope.period,
        revision=revision,
        compiled_at=now,
        inputs=digest_of({id: section.inputs for id, section in whole.items()}),
        totals=total(
            SectionDocument.read(section.document).counts for section in whole.values()
        ).written(),
    )
    try:
        session.add(summary)
        session.flush()
        _add_what_belongs_to(session, summary, made, now)
        session.commit()
    except IntegrityError:
        session.rollback()
        other = latest_of(session, scope)
        if other is None or other.revision < revision:
            raise
        return other
    return summary


def _add_what_belongs_to(
    session: Session, summary: Summary, made: Mapping[int, _Made], now: datetime
) -> None:
    session.add_all(
        SummarySection(
            summary_id=summary.id,
            measure_id=measure_id,
            document=section.document,
            inputs=section.inputs,
            mark=section.mark,
            front=section.front,
        )
        for measure_id, section in made.items()
    )
    turn_edition(session)
    record(
        session,
        actor=COMPILER,
        action="summary.compiled",
        subject=f"summary:{summary.id}",
        now=now,
        after={
            "kind": summary.kind,
            "week": summary.period,
            "revision": summary.revision,
            "inputs": summary.inputs,
        },
    )


def _measure_texts(session: Session, stage: Stage, now: datetime) -> dict[int, MeasureTexts]:
    """Every measure of the stage, the withdrawn ones too: comments keep pointing at them."""
    outlines = [
        stage_outline(session, stage, lang, now, with_withdrawn=True) for lang in LANGUAGES_OF_WORDS
    ]
    said: defaultdict[str, list[str]] = defaultdict(list)
    for outline in outlines:
        for measure in outline.measures:
            said[measure.code] += [line.words.body for line in measure.walk()]
    return {
        measure.id: MeasureTexts(measure.code, tuple(dict.fromkeys(said[measure.code])))
        for measure in outlines[0].measures
    }

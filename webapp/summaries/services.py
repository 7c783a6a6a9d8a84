"""Compiling weeks, each found or made once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.citytime import Week
from webapp.measures.models import Stage
from webapp.measures.queries import stage_outline
from webapp.measures.services import turn_edition
from webapp.refusal import NotThere
from webapp.summaries.checker import check_lasting, check_section
from webapp.summaries.compiling import Compiler, MeasureTexts, compile_sections
from webapp.summaries.models import Summary, SummaryKind, SummarySection
from webapp.summaries.queries import (
    all_summaries,
    latest_summary,
    sections_of,
    texts_as_written,
    week_comments,
    week_states,
)
from webapp.summaries.rules import (
    Counts,
    SectionDocument,
    WeekComment,
    WeekNotOver,
    inputs_digest,
    total,
)

COMPILER = "compiler"
"""How the audit trail names the machine."""
LANGUAGES_OF_WORDS = ("ja", "en")

Sections = Mapping[int, SectionDocument]


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
    stage = session.get(Stage, stage_id)
    if stage is None:
        raise NotThere
    stored = latest_summary(session, stage_id, week)
    revision = stored.revision + 1 if stored else 1
    if stored and stored.inputs == inputs_digest(week_states(session, stage_id, week)):
        session.rollback()
        return None
    rows = week_comments(session, stage_id, week)
    measures = _measure_texts(session, stage, now)
    session.rollback()  # compiling takes its time, and holds nobody up
    sections = compile_sections(rows, measures, compile_points)
    return _store(session, stage_id, week, revision, inputs_digest(rows), sections, now)


def verify_summaries(session: Session) -> Iterator[str]:
    """What does not hold of the stored summaries, one sentence for each finding.

    A summary that later decisions have overtaken is only held to what must last.
    """
    for summary in all_summaries(session):
        week = Week.parse(summary.period)
        rows = week_comments(session, summary.stage_id, week)
        documents = {
            section.measure_id: SectionDocument.read(section.document)
            for section in sections_of(session, summary.id)
        }
        written = texts_as_written(session, summary.stage_id, week)
        for finding in _findings(summary, documents, rows, written):
            yield f"{summary.stage.slug} {week} revision {summary.revision}: {finding}"


def _findings(
    summary: Summary, documents: Sections, rows: list[WeekComment], written: Mapping[int, str]
) -> Iterator[str]:
    fresh = summary.inputs == inputs_digest(rows)
    for measure_id, document in documents.items():
        of_measure = [row for row in rows if row.measure_id == measure_id]
        found = check_section(document, of_measure) if fresh else check_lasting(document, written)
        yield from (f"{document.measure}: {finding}" for finding in found)
    if Counts.read(summary.totals) != total(document.counts for document in documents.values()):
        yield "the totals are not the sum of the measures"
    if fresh and {row.measure_id for row in rows} != set(documents):
        yield "the sections are not those of the measures with comments"


def _measure_texts(session: Session, stage: Stage, now: datetime) -> dict[int, MeasureTexts]:
    """Every measure of the stage, the withdrawn ones too: comments keep pointing at them."""
    texts: dict[int, list[str]] = defaultdict(list)
    for lang in LANGUAGES_OF_WORDS:
        outline = stage_outline(session, stage, lang, now, with_withdrawn=True)
        for measure in outline.measures:
            texts[measure.id] += [line.words.body for line in measure.walk()]
    return {
        measure.id: MeasureTexts(measure.code, tuple(dict.fromkeys(texts[measure.id])))
        for measure in outline.measures
    }


def _store(
    session: Session,
    stage_id: int,
    week: Week,
    revision: int,
    inputs: str,
    sections: Sections,
    now: datetime,
) -> Summary:
    summary = Summary(
        stage_id=stage_id,
        kind=SummaryKind.WEEKLY,
        period=str(week),
        revision=revision,
        compiled_at=now,
        inputs=inputs,
        totals=total(section.counts for section in sections.values()).written(),
    )
    try:
        session.add(summary)
        session.flush()
        _add_what_belongs_to(session, summary, sections, now)
        session.commit()
    except IntegrityError:
        session.rollback()
        other = latest_summary(session, stage_id, week)
        if other is None or other.revision < revision:
            raise
        return other
    return summary


def _add_what_belongs_to(
    session: Session, summary: Summary, sections: Sections, now: datetime
) -> None:
    for measure_id, section in sections.items():
        session.add(
            SummarySection(summary_id=summary.id, measure_id=measure_id, document=section.written())
        )
    turn_edition(session)
    record(
        session,
        actor=COMPILER,
        action="summary.compiled",
        subject=f"summary:{summary.id}",
        now=now,
        after={"week": summary.period, "revision": summary.revision, "inputs": summary.inputs},
    )

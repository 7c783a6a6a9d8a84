"""Proving every stored summary again, from the comments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy.orm import Session

from webapp.summaries.checker import check_lasting, check_section
from webapp.summaries.models import Summary
from webapp.summaries.queries import all_summaries, comments_within, texts_as_written
from webapp.summaries.revisions import (
    EMPTY,
    Stored,
    latest_of,
    marks_of,
    received,
    stored_sections,
)
from webapp.summaries.rules import Counts, WeekComment, inputs_digest, total
from webapp.summaries.scopes import Scope


def verify_summaries(session: Session) -> Iterator[str]:
    """What does not hold of the stored summaries, one sentence for each finding.

    A section that later decisions have overtaken is only held to what must last. Every section is
    proved with the revision that it first stood in.
    """
    for summary in all_summaries(session):
        scope = Scope.of_summary(summary)
        sections = stored_sections(session, summary)
        own = [id for id, section in sections.items() if section.summary_id == summary.id]
        rows: defaultdict[int, list[WeekComment]] = defaultdict(list)
        for row in comments_within(session, scope, own):
            rows[row.measure_id].append(row)
        for finding in _findings(session, summary, sections, rows):
            yield f"{summary.stage.slug} {scope} revision {summary.revision}: {finding}"


def _findings(
    session: Session,
    summary: Summary,
    sections: dict[int, Stored],
    rows: dict[int, list[WeekComment]],
) -> Iterator[str]:
    documents = {id: section.read() for id, section in sections.items()}
    for id, section in sections.items():
        if section.summary_id != summary.id:
            continue
        document, own = documents[id], rows[id]
        if section.inputs == inputs_digest(own):
            found = check_section(document, own)
        else:
            found = check_lasting(document, texts_as_written(session, [id]))
        yield from (f"{document.measure}: {finding}" for finding in found)
    if Counts.read(summary.totals) != total(document.counts for document in documents.values()):
        yield "the totals are not the sum of the measures"
    if _is_latest(session, summary) and not _are_of(sections, session, summary):
        yield "the sections are not those of the measures with comments"


def _is_latest(session: Session, summary: Summary) -> bool:
    latest = latest_of(session, Scope.of_summary(summary))
    return latest is not None and latest.id == summary.id


def _are_of(sections: dict[int, Stored], session: Session, summary: Summary) -> bool:
    """Whether each measure with comments has its section; unknown when more came in since."""
    marks = marks_of(session, Scope.of_summary(summary))
    stored = {id: section.mark for id, section in sections.items() if section.mark != EMPTY}
    came_since = sum(map(received, marks.values())) != sum(map(received, stored.values()))
    return came_since or set(stored) == set(marks)

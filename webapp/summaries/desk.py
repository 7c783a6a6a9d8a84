"""What the desk shows of one summary: its measures, what staff wrote, what of that fell away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.measures.queries import Line, StageOutline, stage_outline
from webapp.refusal import NotThere
from webapp.summaries.edited import Fallen, Written, read_written
from webapp.summaries.editing import edits_of, signoff_of
from webapp.summaries.edits import Edit, PointEdit, key_of
from webapp.summaries.models import Summary, SummaryEdit
from webapp.summaries.revisions import documents_of, latest_of
from webapp.summaries.rules import Point, SectionDocument, SummaryKind
from webapp.summaries.scopes import Scope


@dataclass(frozen=True)
class Edited:
    """A measure, or the whole when `line` is None: who last wrote over it, and what fell away."""

    line: Line | None
    edit: SummaryEdit | None
    fallen: Fallen


@dataclass(frozen=True)
class Sheet:
    """One summary on the desk."""

    id: int
    stage: StageOutline
    kind: SummaryKind
    week: str
    revision: int
    newest_id: int
    compiled_at: datetime
    signed_by: str | None
    signed_at: datetime | None
    whole: Edited
    measures: tuple[Edited, ...]


def sheet(session: Session, summary_id: int, lang: str) -> Sheet:
    """Raises NotThere."""
    summary = _summary(session, summary_id)
    outline = stage_outline(session, summary.stage, lang, summary.compiled_at, with_withdrawn=True)
    documents = documents_of(session, summary)
    written = _written(session, summary, documents, outline, lang)
    rows = edits_of(session, Scope.of_summary(summary))
    latest = latest_of(session, Scope.of_summary(summary))
    signed = signoff_of(session, summary.id)
    return Sheet(
        id=summary.id,
        stage=outline,
        kind=summary.kind,
        week=summary.period,
        revision=summary.revision,
        newest_id=latest.id if latest else summary.id,
        compiled_at=summary.compiled_at,
        signed_by=signed.staff.name if signed else None,
        signed_at=signed.signed_at if signed else None,
        whole=Edited(None, rows.get(None), written.fallen(None)),
        measures=tuple(
            Edited(line, rows.get(line.id), written.fallen(line.id))
            for line in outline.measures
            if line.id in documents
        ),
    )


@dataclass(frozen=True)
class Draft:
    """A section as its editor finds it: the machine's points, and the words that hold now."""

    line: Line
    points: tuple[Point, ...]
    headings: tuple[str, ...]
    sentences: tuple[str, ...]
    places: tuple[int, ...]
    introductions: dict[str, str]


def draft(session: Session, summary_id: int, code: str, lang: str) -> Draft:
    """Raises NotThere."""
    summary = _summary(session, summary_id)
    outline = stage_outline(session, summary.stage, lang, summary.compiled_at, with_withdrawn=True)
    line = outline.line(code)
    documents = documents_of(session, summary, [line.id] if line else [])
    if line is None or line.id not in documents:
        raise NotThere
    row = edits_of(session, Scope.of_summary(summary)).get(line.id)
    edit = Edit.read(row.document) if row else Edit({})
    points = documents[line.id].points
    written = {point.key: point for point in edit.points}
    standing = [written.get(key_of(point), PointEdit("", "")) for point in points]
    wished = {point.key: place for place, point in enumerate(edit.points)} if edit.ordered else {}
    order = sorted(
        range(len(points)), key=lambda n: (wished.get(key_of(points[n]), len(wished)), n)
    )
    return Draft(
        line,
        points,
        tuple(point.heading for point in standing),
        tuple(point.sentence for point in standing),
        tuple(order.index(place) + 1 for place in range(len(points))),
        dict(edit.introductions),
    )


def introductions(session: Session, summary_id: int) -> dict[str, str]:
    """What stands before the whole summary now, by language. Raises NotThere."""
    row = edits_of(session, Scope.of_summary(_summary(session, summary_id))).get(None)
    return dict(Edit.read(row.document).introductions) if row else {}


def _summary(session: Session, summary_id: int) -> Summary:
    summary = session.get(Summary, summary_id)
    if summary is None:
        raise NotThere
    return summary


def _written(
    session: Session,
    summary: Summary,
    documents: dict[int, SectionDocument],
    outline: StageOutline,
    lang: str,
) -> Written:
    codes = frozenset(line.code for line in outline.walk())
    return read_written(session, summary, documents, codes, lang)

"""Staff write over a summary, and sign one off; each is refused when it breaks the contract."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.citytime import Week, city_day
from webapp.comments.models import Comment
from webapp.comments.rules import VISIBLE, Publication
from webapp.measures.models import Entry
from webapp.measures.queries import periods_of, stage_outline
from webapp.measures.services import turn_edition
from webapp.moderation.published import covered_in
from webapp.refusal import NotThere
from webapp.summaries.accepting import edit_with_origins
from webapp.summaries.edits import (
    Edit,
    Material,
    OtherPoints,
    PointEdit,
    SignedOff,
    SummaryMovedOn,
    checked,
    key_of,
)
from webapp.summaries.models import (
    Summary,
    SummaryEdit,
    SummaryKind,
    SummarySignoff,
)
from webapp.summaries.queries import comments_within, texts_as_written
from webapp.summaries.revisions import documents_of, latest_of
from webapp.summaries.rules import SectionDocument
from webapp.summaries.scopes import Scope

PROGRAMME_LANGUAGES = ("ja", "en")


@dataclass(frozen=True)
class Wanted:
    """What a person wants a section to say. `headings` are by the places of the points in the
    document, an empty one keeps the machine's; `order` are the same places as they shall stand.
    `sentences` say what a point asks for, by the same places; without any, no point has one.
    """

    introductions: Mapping[str, str]
    headings: Sequence[str] = ()
    order: Sequence[int] = ()
    sentences: Sequence[str] = ()


def edit_summary(
    session: Session,
    summary_id: int,
    measure_id: int | None,
    wanted: Wanted,
    *,
    editor_id: int,
    now: datetime,
) -> SummaryEdit:
    """Write over one measure of the newest revision, or an introduction before the whole of it.

    The machine's words are kept. Raises NotThere, SummaryMovedOn, SignedOff, OtherPoints, and what
    `edits.checked` raises when the words break the contract.
    """
    summary = editable(session, summary_id)
    scope = Scope.of_summary(summary)
    measures = None if measure_id is None else [measure_id]
    documents = documents_of(session, summary, measures)
    if measure_id is not None and measure_id not in documents:
        raise NotThere
    material = material_of(session, summary, documents)
    edit = _edit(wanted, documents[measure_id] if measure_id is not None else None, material)
    before = edits_of(session, scope).get(measure_id)
    if measure_id is not None:
        edit = edit_with_origins(session, scope, measure_id, edit, before, editor_id)
    row = SummaryEdit(
        stage_id=scope.stage_id,
        kind=scope.kind,
        period=scope.period,
        measure_id=measure_id,
        document=edit.written(),
        editor_id=editor_id,
        edited_at=now,
    )
    session.add(row)
    record(
        session,
        actor=f"staff:{editor_id}",
        action="summary.edited",
        subject=f"summary:{summary.id}",
        now=now,
        before={"measure": measure_id, "edit": before.document if before else None},
        after={"measure": measure_id, "edit": row.document},
    )
    turn_edition(session)
    session.commit()
    return row


def sign_off(session: Session, summary_id: int, *, staff_id: int, now: datetime) -> None:
    """A person stands for the newest revision of a summary at closing; twice is once.

    Raises NotThere for a summary of another kind, and SummaryMovedOn.
    """
    summary = _newest(session, summary_id)
    if summary.kind is not SummaryKind.CLOSING:
        raise NotThere
    if signoff_of(session, summary.id) is not None:
        return
    session.add(SummarySignoff(summary_id=summary.id, staff_id=staff_id, signed_at=now))
    record(
        session,
        actor=f"staff:{staff_id}",
        action="summary.signed-off",
        subject=f"summary:{summary.id}",
        now=now,
        after={"revision": summary.revision, "inputs": summary.inputs},
    )
    turn_edition(session)
    try:
        session.commit()
    except IntegrityError:  # another person signed at the same time
        session.rollback()


def signoff_of(session: Session, summary_id: int) -> SummarySignoff | None:
    return session.get(SummarySignoff, summary_id)


def edits_of(
    session: Session, scope: Scope, before: datetime | None = None
) -> dict[int | None, SummaryEdit]:
    """The newest edit of each measure, and under None that of the whole; those made before."""
    rows = session.scalars(
        select(SummaryEdit)
        .where(
            SummaryEdit.stage_id == scope.stage_id,
            SummaryEdit.kind == scope.kind,
            SummaryEdit.period == scope.period,
            *([SummaryEdit.edited_at < before] if before else []),
        )
        .order_by(SummaryEdit.id)
    )
    return {row.measure_id: row for row in rows}


def editable(session: Session, summary_id: int) -> Summary:
    """A revision that may still be written over. Raises NotThere, SummaryMovedOn and SignedOff."""
    summary = _newest(session, summary_id)
    if signoff_of(session, summary.id) is not None:
        raise SignedOff
    return summary


def _newest(session: Session, summary_id: int) -> Summary:
    summary = session.get(Summary, summary_id)
    if summary is None:
        raise NotThere
    latest = latest_of(session, Scope.of_summary(summary))
    if latest is None or latest.id != summary.id:
        raise SummaryMovedOn
    return summary


def _edit(wanted: Wanted, document: SectionDocument | None, material: Material) -> Edit:
    introductions = {lang: words for lang, words in wanted.introductions.items() if words}
    sources = [s for words in introductions.values() for s in checked(words, material)]
    if document is None:
        return Edit(introductions, sources=tuple(sources))
    places = list(range(len(document.points)))
    sentences = wanted.sentences or [""] * len(places)
    if sorted(wanted.order) != places or not len(wanted.headings) == len(sentences) == len(places):
        raise OtherPoints
    points = tuple(
        PointEdit(
            key_of(document.points[place]),
            wanted.headings[place],
            (*checked(wanted.headings[place], material), *checked(sentences[place], material)),
            sentences[place],
        )
        for place in wanted.order
    )
    return Edit(introductions, points, list(wanted.order) != places, tuple(sources))


def material_of(
    session: Session, summary: Summary, documents: Mapping[int, SectionDocument]
) -> Material:
    """What the words about these measures are held against."""
    rows = comments_within(session, Scope.of_summary(summary), list(documents))
    as_written = texts_as_written(session, list(documents))
    outlines = [
        stage_outline(session, summary.stage, lang, summary.compiled_at, with_withdrawn=True)
        for lang in PROGRAMME_LANGUAGES
    ]
    lines = [line for outline in outlines for line in outline.walk()]
    return Material(
        documents=list(documents.values()),
        published={row.id: row.text for row in rows if row.publication in VISIBLE},
        covered=covered_words_of(session, summary, list(documents)),
        closed=[as_written[row.id] for row in rows if row.publication is not Publication.PUBLISHED],
        programme=[line.words.body for line in lines] + [o.title.body for o in outlines],
        codes=frozenset(line.code for line in lines),
        dates=dates_of(session, summary),
    )


def covered_words_of(session: Session, summary: Summary, measures: Sequence[int]) -> list[str]:
    """What is covered now in the comments of a summary on these measures."""
    rows = session.execute(
        select(Comment.id, Comment.text)
        .join(Entry, Entry.id == Comment.measure_id)
        .where(
            *Scope.of_summary(summary).holds(),
            Comment.measure_id.in_(measures),
            Comment.publication == Publication.REDACTED,
        )
    )
    texts = {row.id: row.text for row in rows}
    found = covered_in(session, list(texts))
    return [texts[id][span.start : span.end] for id in found for span in found[id]]


def dates_of(session: Session, summary: Summary) -> frozenset[str]:
    """The numbers in the days of a summary's period, and of its week's name."""
    days: list[date] = [city_day(summary.compiled_at)]
    for period in periods_of(session, summary.stage_id):
        days += [city_day(period.opens_at), city_day(period.closes_at)]
    numbers: set[str] = set()
    if summary.kind is SummaryKind.WEEKLY:
        week = Week.parse(summary.period)
        days += [week.monday, city_day(week.ends_at)]
        numbers |= {str(int(n)) for n in re.findall(r"\d+", summary.period)}
    return frozenset(numbers | {str(n) for day in days for n in (day.year, day.month, day.day)})

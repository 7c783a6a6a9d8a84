"""The stored revisions of a summary, the sections each is made of, and whether it still holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, and_, case, func, select
from sqlalchemy.orm import Session

from webapp.citytime import city_day
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.measures.models import Entry
from webapp.summaries.models import Summary, SummarySection
from webapp.summaries.rules import SectionDocument, SummaryKind
from webapp.summaries.scopes import Scope

LOST = (Publication.REDACTED, Publication.WITHHELD, Publication.WITHDRAWN)
"""What takes words away that a summary may have quoted."""
EMPTY = "none.0"
"""The mark of a measure whose comments have all moved out of the period."""


@dataclass(frozen=True)
class Stored:
    """One section as it is stored. `revision` is the one that it first stood in."""

    summary_id: int
    revision: int
    document: str
    inputs: str
    mark: str

    def read(self) -> SectionDocument:
        return SectionDocument.read(self.document)


def latest_of(session: Session, scope: Scope) -> Summary | None:
    """The newest revision of a summary."""
    return session.scalar(
        select(Summary).where(*scope.names()).order_by(Summary.revision.desc()).limit(1)
    )


def revision_of(session: Session, scope: Scope, revision: int) -> Summary | None:
    return session.scalar(select(Summary).where(*scope.names(), Summary.revision == revision))


def revisions_of(session: Session, scope: Scope) -> Sequence[Summary]:
    """Every revision of a summary, the newest first."""
    return session.scalars(
        select(Summary).where(*scope.names()).order_by(Summary.revision.desc())
    ).all()


def newest_besides_weeks(session: Session, stage_id: int) -> Sequence[Summary]:
    """The newest revisions of the summaries of a stage that are not of a week."""
    rows = session.scalars(
        select(Summary)
        .where(Summary.stage_id == stage_id, Summary.kind != SummaryKind.WEEKLY)
        .order_by(Summary.revision)
    )
    newest = {(summary.kind, summary.period): summary for summary in rows}
    return [newest[key] for key in sorted(newest)]


def as_of(session: Session, scope: Scope, moment: datetime) -> Summary | None:
    """The revision that was the newest at this moment."""
    return session.scalar(
        select(Summary)
        .where(*scope.names(), Summary.compiled_at <= moment)
        .order_by(Summary.revision.desc())
        .limit(1)
    )


def stored_sections(
    session: Session, summary: Summary, measures: Collection[int] | None = None
) -> dict[int, Stored]:
    """What a revision says of these measures, or of all, by their ids.

    Those are its own sections, and older ones that it kept.
    """
    scope = Scope.of_summary(summary)
    wanted = [] if measures is None else [SummarySection.measure_id.in_(measures)]
    newest = (
        select(SummarySection.measure_id, func.max(Summary.revision).label("revision"))
        .join(Summary, Summary.id == SummarySection.summary_id)
        .where(*scope.names(), *wanted, Summary.revision <= summary.revision)
        .group_by(SummarySection.measure_id)
        .subquery()
    )
    rows = session.execute(
        select(
            SummarySection.measure_id,
            SummarySection.summary_id,
            Summary.revision,
            SummarySection.document,
            SummarySection.inputs,
            SummarySection.mark,
        )
        .join(Summary, Summary.id == SummarySection.summary_id)
        .join(
            newest,
            and_(
                newest.c.measure_id == SummarySection.measure_id,
                newest.c.revision == Summary.revision,
            ),
        )
        .where(*scope.names())
        .order_by(SummarySection.measure_id)
    )
    return {
        row.measure_id: Stored(row.summary_id, row.revision, row.document, row.inputs, row.mark)
        for row in rows
    }


def documents_of(
    session: Session, summary: Summary, measures: Collection[int] | None = None
) -> dict[int, SectionDocument]:
    """The documents of these measures, or of all, that had comments, by the measures' ids."""
    found = stored_sections(session, summary, measures)
    read = {id: stored.read() for id, stored in found.items()}
    return {id: document for id, document in read.items() if document.counts.received}


def marks_of(session: Session, scope: Scope) -> dict[int, str]:
    """For each measure a sum of its comments that differs whenever one of them has changed.

    Comments are never deleted and every change of one grows its version, so their number and the
    sum of their versions can only grow. The third figure moves when two people prove to be one; the
    last counts those that lend no words, or fewer than they did.
    """
    lost = case((Comment.publication.in_(LOST), 1), else_=0)
    rows = session.execute(
        select(
            Comment.measure_id,
            func.count(),
            func.sum(Comment.version, type_=Integer),
            func.sum(Comment.receipt_id, type_=Integer),
            func.sum(lost, type_=Integer),
        )
        .join(Entry, Entry.id == Comment.measure_id)
        .where(*scope.holds())
        .group_by(Comment.measure_id)
    )
    return {id: ".".join(map(str, figures)) for id, *figures in rows}


def is_stale(session: Session, summary: Summary) -> bool:
    """Whether something about the comments behind this revision has changed since."""
    return _marks(session, summary) != marks_of(session, Scope.of_summary(summary))


def is_to_date_due(session: Session, stage_id: int, now: datetime) -> bool:
    """Whether the summary to date is to be compiled: once a day, and at once when words are lost.

    Compiling costs what the changed measures cost; a measure under a flood changes all day.
    """
    latest = latest_of(session, Scope.to_date(stage_id))
    if latest is None or city_day(latest.compiled_at) < city_day(now):
        return True
    stored = sum(map(_lost, _marks(session, latest).values()))
    return sum(map(_lost, marks_of(session, Scope.of_summary(latest)).values())) > stored


def received(mark: str) -> int:
    """How many comments a mark stands for."""
    return 0 if mark == EMPTY else int(mark.partition(".")[0] or 0)


def _lost(mark: str) -> int:
    return int(mark.rpartition(".")[2] or 0)


def _marks(session: Session, summary: Summary) -> dict[int, str]:
    """The marks of a revision's sections, without their documents."""
    rows = session.execute(
        select(SummarySection.measure_id, SummarySection.mark)
        .join(Summary, Summary.id == SummarySection.summary_id)
        .where(*Scope.of_summary(summary).names(), Summary.revision <= summary.revision)
        .order_by(Summary.revision)
    )
    marks = {row.measure_id: row.mark for row in rows}
    return {measure_id: mark for measure_id, mark in marks.items() if mark != EMPTY}

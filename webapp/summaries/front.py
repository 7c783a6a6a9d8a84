"""The points that the page of a measure shows, kept beside the section so that it need not be read.

A section names every comment behind it, and in a flood those are very many.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Integer, func, select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.queries import published_texts
from webapp.measures.models import Entry
from webapp.moderation.published import covered_in
from webapp.summaries.models import Summary, SummarySection
from webapp.summaries.revisions import LOST, documents_of
from webapp.summaries.rules import CommentState, Quote, SectionDocument, canonical
from webapp.summaries.scopes import Scope
from webapp.summaries.shown import ShownPoint, says_the_same, shown_quotes, shown_sections


def front_of(document: SectionDocument, rows: Iterable[CommentState]) -> str:
    """The points without the comments behind them, and which comments had lost words by then."""
    points = [
        {
            "heading": point.heading,
            "language": point.language,
            "comments": len(point.comments),
            "people": point.people,
            "wordings": point.wordings,
            "quotes": [asdict(quote) for quote in point.quotes],
        }
        for point in document.points
    ]
    lost = [(row.id, row.version) for row in rows if row.publication in LOST]
    sums = [len(lost), sum(id for id, _ in lost), sum(version for _, version in lost)]
    return canonical({"lost": sums, "points": points})


def front_points(
    session: Session, summary: Summary, measure_id: int
) -> tuple[ShownPoint, ...] | None:
    """The points as they may be read now; None when the summary says nothing of the measure.

    Only when a comment has lost words since, the whole section is read, to see whose heading
    might be taken from it.
    """
    stored = session.scalar(
        select(SummarySection.front)
        .join(Summary, Summary.id == SummarySection.summary_id)
        .where(*Scope.of_summary(summary).names(), SummarySection.measure_id == measure_id)
        .order_by(Summary.revision.desc())
        .limit(1)
    )
    if stored is None:
        return None
    found = json.loads(stored) if stored else {}
    if found and found["lost"] == _lost_now(session, summary, measure_id):
        return _shown(session, found["points"]) if found["points"] else None
    document = documents_of(session, summary, [measure_id]).get(measure_id)
    if document is None:
        return None
    return shown_sections(session, summary, {measure_id: document})[measure_id].points


def _lost_now(session: Session, summary: Summary, measure_id: int) -> list[int]:
    row = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Comment.id, type_=Integer), 0),
            func.coalesce(func.sum(Comment.version, type_=Integer), 0),
        )
        .join(Entry, Entry.id == Comment.measure_id)
        .where(
            *Scope.of_summary(summary).holds(),
            Comment.measure_id == measure_id,
            Comment.publication.in_(LOST),
        )
    ).one()
    return list(row)


def _shown(session: Session, points: list[dict[str, object]]) -> tuple[ShownPoint, ...]:
    kept = [(point, [Quote(**quote) for quote in point.pop("quotes")]) for point in points]  # type: ignore[attr-defined]
    ids = sorted({quote.comment for _, quotes in kept for quote in quotes})
    texts, covered = published_texts(session, ids), covered_in(session, ids)
    shown = ((point, quotes, shown_quotes(quotes, texts, covered)) for point, quotes in kept)
    return tuple(
        ShownPoint(
            **{
                **point,
                "heading": "" if says_the_same(str(point["heading"]), now) else point["heading"],
            },  # type: ignore[arg-type]
            quotes=now,
            gone=len(quotes) - len(now),
        )
        for point, quotes, now in shown
    )

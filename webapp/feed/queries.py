"""Reading what is new on a stage. What anyone may read of a comment is its published text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.queries import is_visible
from webapp.feed.rules import MOST_COMMENTS, MOST_OTHERS, Kind, News, newest_first
from webapp.measures.models import Entry
from webapp.measures.queries import StageOutline, periods_of
from webapp.moderation.published import corrections_of
from webapp.responses.answers import answers_on_stage
from webapp.summaries.queries import summaries_of
from webapp.summaries.revisions import latest_of
from webapp.summaries.rules import Counts
from webapp.summaries.scopes import Scope


def news_of(session: Session, outline: StageOutline, lang: str, now: datetime) -> list[News]:
    """What is new on a stage, newest first, with the words of one language."""
    others = [
        *_answers(session, outline, lang),
        *_reports(session, outline),
        *_periods(session, outline, now),
    ]
    return newest_first([*_comments(session, outline), *newest_first(others)[:MOST_OTHERS]])


def _comments(session: Session, outline: StageOutline) -> Iterator[News]:
    rows = session.execute(
        select(
            Comment.id,
            Comment.published_text,
            Comment.language,
            Comment.measure_id,
            Comment.published_at,
        )
        .join(Entry, Entry.id == Comment.measure_id)
        .where(Entry.stage_id == outline.id, Comment.published_at.is_not(None), is_visible())
        .order_by(Comment.published_at.desc(), Comment.id.desc())
        .limit(MOST_COMMENTS)
    ).all()
    corrections = corrections_of(session, [row[0] for row in rows])
    for id, text, language, measure_id, published_at in rows:
        measure = outline.line_with_id(measure_id)
        if measure is not None and published_at is not None:
            updated = corrections[id].at if id in corrections else published_at
            facts = {"id": id, "text": text, "language": language, "measure": measure}
            yield News(Kind.COMMENT, str(id), updated, published_at, facts)


def _answers(session: Session, outline: StageOutline, lang: str) -> Iterator[News]:
    for answer in answers_on_stage(session, outline.id, lang):
        measure = outline.line_with_id(answer.measure_id)
        if measure is not None:
            facts = {"answer": answer, "measure": measure}
            yield News(Kind.ANSWER, str(answer.id), answer.published_at, answer.first_at, facts)


def _reports(session: Session, outline: StageOutline) -> Iterator[News]:
    """The newest revision of each week and of each closing; what changes daily is no news."""
    for summary in summaries_of(session, outline.id, limit=MOST_OTHERS):
        facts = {"week": summary.period, "counts": Counts.read(summary.totals)}
        yield News(Kind.REPORT, summary.period, summary.compiled_at, None, facts)
    for period in periods_of(session, outline.id):
        closing = latest_of(session, Scope.of_period(period))
        if closing is not None:
            facts = {"period": period, "counts": Counts.read(closing.totals)}
            yield News(Kind.SUMMARY, str(period.id), closing.compiled_at, None, facts)


def _periods(session: Session, outline: StageOutline, now: datetime) -> Iterator[News]:
    for number, period in enumerate(periods_of(session, outline.id), start=1):
        facts = {"period": period, "number": number}
        for kind, instant in ((Kind.OPENED, period.opens_at), (Kind.CLOSED, period.closes_at)):
            if instant <= now:
                yield News(kind, str(period.id), instant, instant, facts)

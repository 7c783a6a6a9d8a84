"""Answers as staff work on them, and what is still unanswered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.rules import Publication, Treatment
from webapp.measures.models import Entry
from webapp.responses.models import AnsweredComment, Response, ResponseText, ResponseVersion

EXCERPT = 160
STEP = 500
PAGE = 50


@dataclass(frozen=True)
class Unanswered:
    """A decided opinion without a published answer. What nobody may read has no `excerpt`."""

    id: int
    excerpt: str | None
    language: str
    received_at: datetime


def responses_on(session: Session, measure_id: int) -> Sequence[tuple[Response, ResponseVersion]]:
    """Every answer on a measure as staff see it, drafts too, the newest first."""
    rows = session.execute(
        select(Response, ResponseVersion)
        .join(
            ResponseVersion,
            and_(
                ResponseVersion.response_id == Response.id,
                ResponseVersion.version == Response.version,
            ),
        )
        .where(Response.measure_id == measure_id)
        .order_by(Response.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def version_of(session: Session, response_id: int, version: int) -> ResponseVersion | None:
    return session.get(ResponseVersion, (response_id, version))


def bodies_of(session: Session, response_id: int, version: int) -> dict[str, str]:
    """The words of a version by language."""
    rows = session.execute(
        select(ResponseText.lang, ResponseText.body).where(
            ResponseText.response_id == response_id, ResponseText.version == version
        )
    )
    return {row[0]: row[1] for row in rows}


def answered_ids(session: Session, response_id: int, version: int) -> tuple[int, ...]:
    """The comments a version answers, in the order of their numbers."""
    return tuple(
        session.scalars(
            select(AnsweredComment.comment_id)
            .where(AnsweredComment.response_id == response_id, AnsweredComment.version == version)
            .order_by(AnsweredComment.comment_id)
        )
    )


def told_ids(session: Session, response_id: int) -> set[int]:
    """The comments that any published version of an answer answered: their authors know of it."""
    return set(
        session.scalars(
            select(AnsweredComment.comment_id)
            .join(
                ResponseVersion,
                and_(
                    ResponseVersion.response_id == AnsweredComment.response_id,
                    ResponseVersion.version == AnsweredComment.version,
                ),
            )
            .where(
                AnsweredComment.response_id == response_id,
                ResponseVersion.published_at.is_not(None),
            )
        )
    )


def answerable_ids(session: Session, measure_id: int, ids: Sequence[int]) -> set[int]:
    """Which of these are decided opinions on the measure, asked in bounded steps."""
    found: set[int] = set()
    for start in range(0, len(ids), STEP):
        some = ids[start : start + STEP]
        asked = select(Comment.id).where(
            Comment.id.in_(some), Comment.measure_id == measure_id, is_answerable()
        )
        found |= set(session.scalars(asked))
    return found


def unanswered_comments(
    session: Session, measure_id: int, *, after: int = 0, size: int = PAGE
) -> Sequence[Unanswered]:
    """Opinions on a measure that no published answer answers, the oldest number first."""
    rows = session.execute(
        select(
            Comment.id,
            func.substr(Comment.published_text, 1, EXCERPT),
            Comment.language,
            Comment.received_at,
        )
        .where(
            Comment.measure_id == measure_id,
            Comment.id > after,
            is_answerable(),
            ~_has_answer(),
        )
        .order_by(Comment.id)
        .limit(size)
    )
    return [Unanswered(*row) for row in rows]


def answer_counts(session: Session, stage_id: int) -> Mapping[int, tuple[int, int]]:
    """How many answers are published and how many are not, by measure id."""
    rows = session.execute(
        select(Response.measure_id, func.count(Response.published_version), func.count())
        .join(Entry, Entry.id == Response.measure_id)
        .where(Entry.stage_id == stage_id)
        .group_by(Response.measure_id)
    )
    return {row[0]: (row[1], row[2] - row[1]) for row in rows}


def is_fully_answered(session: Session, period_id: int) -> bool:
    """Whether a period has an opinion, and every one is decided and has a published answer."""
    of_period = select(Comment.id).where(Comment.period_id == period_id)
    waits = Comment.publication == Publication.WAITING
    open_ones = of_period.where(waits | (is_answerable() & ~_has_answer()))
    if session.scalar(open_ones.limit(1)) is not None:
        return False
    return session.scalar(of_period.where(is_answerable()).limit(1)) is not None


def is_answerable() -> ColumnElement[bool]:
    """The condition for the city to owe an answer: an opinion that counts and was not taken back.

    What is withheld is answered too: its author reads the answer, without the words being shown.
    """
    return and_(
        Comment.treatment.in_([Treatment.COUNTS, Treatment.OUT_OF_SCOPE]),
        Comment.publication.not_in([Publication.WAITING, Publication.WITHDRAWN]),
    )


def _has_answer() -> ColumnElement[bool]:
    return (
        select(AnsweredComment.comment_id)
        .join(
            Response,
            and_(
                Response.id == AnsweredComment.response_id,
                Response.published_version == AnsweredComment.version,
            ),
        )
        .where(AnsweredComment.comment_id == Comment.id)
        .exists()
    )

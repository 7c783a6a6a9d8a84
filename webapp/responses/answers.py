"""The city's answers as anyone may read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.rules import VISIBLE, Publication
from webapp.measures.models import Entry
from webapp.measures.queries import Words
from webapp.measures.rules import SOURCE_LANGUAGE
from webapp.responses.models import AnsweredComment, Response, ResponseText, ResponseVersion
from webapp.responses.rules import Category


@dataclass(frozen=True)
class PublicAnswer:
    """An answer as anyone may read it.

    `comments` are the answered ones that anyone may read, `unpublished` how many others it
    answers; `first_at` is when it was first published, `published_at` when these words were.
    """

    id: int
    measure_id: int
    category: Category
    words: Words
    comments: tuple[int, ...]
    unpublished: int
    first_at: datetime
    published_at: datetime

    @property
    def corrected(self) -> bool:
        return self.published_at > self.first_at

    @property
    def total(self) -> int:
        return len(self.comments) + self.unpublished


def answers_on_stage(session: Session, stage_id: int, lang: str) -> Sequence[PublicAnswer]:
    """Every published answer of a stage, by measure, the first published first."""
    below = select(Entry.id).where(Entry.stage_id == stage_id)
    return _answers(session, Response.measure_id.in_(below), lang)


def answers_on(session: Session, measure_id: int, lang: str) -> Sequence[PublicAnswer]:
    """The published answers on one measure, the first published first."""
    return _answers(session, Response.measure_id == measure_id, lang)


def answers_to(session: Session, comment_id: int, lang: str) -> Sequence[PublicAnswer]:
    """The published answers to one comment, for its author."""
    theirs = select(AnsweredComment.response_id).where(
        AnsweredComment.comment_id == comment_id,
        AnsweredComment.response_id == Response.id,
        AnsweredComment.version == Response.published_version,
    )
    return _answers(session, theirs.exists(), lang)


def published_answer(session: Session, response_id: int, lang: str) -> PublicAnswer | None:
    found = _answers(session, Response.id == response_id, lang)
    return found[0] if found else None


def _answers(session: Session, which: ColumnElement[bool], lang: str) -> Sequence[PublicAnswer]:
    rows = session.execute(_published(which)).all()
    ids = [row[0] for row in rows]
    words = _words(session, ids, lang)
    visible, hidden = _comments(session, ids)
    return [
        PublicAnswer(
            id=id,
            measure_id=measure_id,
            category=category,
            words=words[id],
            comments=tuple(visible[id]),
            unpublished=hidden[id],
            first_at=first_at,
            published_at=published_at,
        )
        for id, measure_id, category, published_at, first_at in rows
    ]


def _published(which: ColumnElement[bool]) -> Select[int, int, Category, Any, Any]:
    first_at = (
        select(func.min(ResponseVersion.published_at))
        .where(ResponseVersion.response_id == Response.id)
        .correlate(Response)
        .scalar_subquery()
    )
    return (
        select(
            Response.id,
            Response.measure_id,
            ResponseVersion.category,
            ResponseVersion.published_at,
            first_at,
        )
        .join(
            ResponseVersion,
            and_(
                ResponseVersion.response_id == Response.id,
                ResponseVersion.version == Response.published_version,
            ),
        )
        .where(which)
        .order_by(Response.measure_id, Response.id)
    )


def _words(session: Session, ids: Iterable[int], lang: str) -> dict[int, Words]:
    rows = session.execute(
        select(Response.id, ResponseText.lang, ResponseText.body)
        .join(
            ResponseText,
            and_(
                ResponseText.response_id == Response.id,
                ResponseText.version == Response.published_version,
            ),
        )
        .where(Response.id.in_(list(ids)), ResponseText.lang.in_([lang, SOURCE_LANGUAGE]))
    )
    found: dict[int, Words] = {}
    for id, spoken, body in rows:
        if spoken == lang or id not in found:
            found[id] = Words(body, spoken)
    return found


def _comments(
    session: Session, ids: Iterable[int]
) -> tuple[Mapping[int, list[int]], Mapping[int, int]]:
    rows = session.execute(
        select(Response.id, Comment.id, Comment.publication)
        .join(
            AnsweredComment,
            and_(
                AnsweredComment.response_id == Response.id,
                AnsweredComment.version == Response.published_version,
            ),
        )
        .join(Comment, Comment.id == AnsweredComment.comment_id)
        .where(Response.id.in_(list(ids)), Comment.publication != Publication.WITHDRAWN)
        .order_by(Comment.id)
    )
    visible: dict[int, list[int]] = defaultdict(list)
    hidden: dict[int, int] = defaultdict(int)
    for id, comment_id, publication in rows:
        if publication in VISIBLE:
            visible[id].append(comment_id)
        else:
            hidden[id] += 1
    return visible, hidden

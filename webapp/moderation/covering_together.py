"""Covering the same words in many texts: each text by itself, read once however many share it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.moderation.grouping import shown_in
from webapp.moderation.membership import Membership
from webapp.moderation.models import Decision, Flag, Redaction, Screening
from webapp.moderation.redactions import (
    MOST_COVERED,
    Part,
    covered_text,
    occurrences,
    offered_spans,
    parts,
    settled,
)
from webapp.moderation.rules import Covered, FoundFlag, NothingLeft, Reason
from webapp.orm import table_of

MOST_TEXTS = 200
"""Different texts that are shown as they would be covered, and so covered at once."""
SOME = 500


@dataclass(frozen=True)
class CoverTogether:
    """What to cover in each text: these words, for one reason, and what the machine `noticed`.

    `seen` are the marks of the texts that were previewed; None where nobody had to see them.
    """

    words: tuple[str, ...]
    reason: Reason
    noticed: bool = False
    seen: frozenset[str] | None = None


@dataclass(frozen=True)
class CoveredText:
    """A text that `comments` of those shown have, and what is covered in it.

    Nothing is `published` where none of the words stands in it, or too many places would be
    covered, or nothing would be left. Equal `mark`s are equal texts with the same spans.
    """

    wording_id: int | None
    comment_id: int
    language: str
    text: str
    comments: int
    spans: tuple[Covered, ...]
    published: str | None

    @property
    def mark(self) -> str:
        spans = [(span.start, span.end, span.reason.value) for span in self.spans]
        return hashlib.sha256(f"{spans} {self.text}".encode()).hexdigest()[:16]

    @property
    def parts(self) -> tuple[Part, ...]:
        return parts(self.published, self.spans) if self.published is not None else ()


def covered_texts(
    session: Session, campaign_id: int, members: Membership, cover: CoverTogether
) -> Sequence[CoveredText]:
    """The texts of the comments that were shown, the most frequent first, `MOST_TEXTS` of them.

    Wordings are equal up to spaces and width, texts to the letter: a place is a place in a text.
    """
    here = shown_in(session, campaign_id, members)
    rows = session.execute(
        select(
            Screening.wording_id,
            Comment.text,
            func.min(Comment.id).label("comment_id"),
            func.min(Comment.language).label("language"),
            func.count().label("comments"),
        )
        .join(Screening, Screening.comment_id == Comment.id)
        .where(*here)
        .group_by(Screening.wording_id, Comment.text)
        .order_by(func.count().desc(), func.min(Comment.id))
        .limit(MOST_TEXTS)
    ).all()
    noticed: defaultdict[str, list[Covered]] = defaultdict(list)
    if cover.noticed:
        flags = session.execute(
            select(Comment.text, Flag.rule, Flag.start, Flag.end)
            .join(Screening, Screening.comment_id == Comment.id)
            .join(Flag, Flag.comment_id == Comment.id)
            .where(*here, Flag.start < Flag.end)
            .distinct()
        )
        for text, rule, start, end in flags:
            noticed[text] += offered_spans([FoundFlag(rule, start, end)])
    return [
        CoveredText(
            row.wording_id,
            row.comment_id,
            row.language,
            row.text,
            row.comments,
            *_covered(row.text, cover, noticed[row.text]),
        )
        for row in rows
    ]


def coverable(
    session: Session,
    campaign_id: int,
    members: Membership,
    wordings: Mapping[int, int | None],
    cover: CoverTogether,
) -> Mapping[int, CoveredText]:
    """Those of some comments whose text can be covered, and was previewed as it is covered now.

    `wordings` gives each comment its wording.
    """
    texts = covered_texts(session, campaign_id, members, cover)
    seen = cover.seen if cover.seen is not None else {text.mark for text in texts}
    return {
        comment_id: text
        for comment_id, text in _text_of_each(session, wordings, texts).items()
        if text.published is not None and text.mark in seen
    }


def cover_each(session: Session, texts: Mapping[int, CoveredText]) -> None:
    """The covered places of comments just decided; they stand with the decision of each."""
    ids = list(texts)
    for start in range(0, len(ids), SOME):
        decisions = session.execute(
            select(Decision.id, Decision.comment_id)
            .join(Comment, Comment.id == Decision.comment_id)
            .where(
                Decision.comment_id.in_(ids[start : start + SOME]),
                Decision.version == Comment.version - 1,
            )
        )
        spans = [
            {"decision_id": decision_id, **vars(span)}
            for decision_id, comment_id in decisions
            for span in texts[comment_id].spans
        ]
        session.execute(insert(table_of(Redaction)), spans)


def _text_of_each(
    session: Session, wordings: Mapping[int, int | None], texts: Sequence[CoveredText]
) -> Mapping[int, CoveredText]:
    """Which of these texts each comment has.

    Only where texts of one wording differ are they read from comment to comment.
    """
    by_wording: defaultdict[int | None, list[CoveredText]] = defaultdict(list)
    for text in texts:
        by_wording[text.wording_id].append(text)
    found: dict[int, CoveredText] = {}
    differing: list[int] = []
    complete = len(texts) < MOST_TEXTS
    for comment_id, wording_id in wordings.items():
        if complete and len(by_wording[wording_id]) == 1:
            found[comment_id] = by_wording[wording_id][0]
        else:
            differing.append(comment_id)
    known = {(text.wording_id, text.text): text for text in texts}
    for start in range(0, len(differing), SOME):
        some = differing[start : start + SOME]
        rows = session.execute(select(Comment.id, Comment.text).where(Comment.id.in_(some)))
        for comment_id, words in rows:
            if has := known.get((wordings[comment_id], words)):
                found[comment_id] = has
    return found


def _covered(
    text: str, cover: CoverTogether, noticed: Sequence[Covered]
) -> tuple[tuple[Covered, ...], str | None]:
    typed = [
        Covered(*place, cover.reason)
        for words in dict.fromkeys(cover.words)
        for place in occurrences(text, words)
    ]
    if not 0 < len(typed) + len(noticed) <= MOST_COVERED:
        return (), None
    spans = settled(text, [*typed, *noticed])
    try:
        return spans, covered_text(text, spans) if spans else None
    except NothingLeft:
        return spans, None

"""What of a stored summary may be read now: every quote asks the one rule of visibility again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.citytime import Week
from webapp.comments.models import Comment
from webapp.comments.queries import is_visible, published_texts, visible_ids
from webapp.comments.rules import Publication, Treatment
from webapp.measures.models import Entry
from webapp.moderation.published import covered_in
from webapp.moderation.redactions import Part, excerpt, parts
from webapp.moderation.rules import Covered
from webapp.summaries.rules import Point, Quote, SectionDocument, words_of

SHOWN_OTHERS = 100
"""Other opinions a page links to; all of them are counted."""


@dataclass(frozen=True)
class ShownQuote:
    """A quote that may be read now; `parts` are its words and what is covered in it."""

    comment: int
    text: str
    language: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class ShownPoint:
    """A point with the quotes that may be read now; `gone` is how many no longer may.

    `heading` is empty when a quote says the same, and when it may have been taken from a comment
    that nobody may read now, or from words that are covered now.
    `comments` and `wordings` are numbers.
    `comments`, `people` and `wordings` are numbers.
    """

    heading: str
    language: str
    comments: int
    people: int
    wordings: int
    quotes: tuple[ShownQuote, ...]
    gone: int


@dataclass(frozen=True)
class ShownSection:
    """What is said about one measure. `readable_others` are ids, the first SHOWN_OTHERS of them."""

    points: tuple[ShownPoint, ...]
    others: int
    readable_others: tuple[int, ...]


def shown_sections(
    session: Session, stage_id: int, week: Week, documents: Mapping[int, SectionDocument]
) -> dict[int, ShownSection]:
    """The sections with what may be read now: the one rule of visibility is asked here."""
    now = _readable_now(session, stage_id, week, documents)
    others = [id for document in documents.values() for id in document.others[:SHOWN_OTHERS]]
    visible = visible_ids(session, others)
    return {
        measure_id: ShownSection(
            points=tuple(_point(p, document, now) for p in document.points),
            others=len(document.others),
            readable_others=tuple(i for i in document.others[:SHOWN_OTHERS] if i in visible),
        )
        for measure_id, document in documents.items()
    }


@dataclass(frozen=True)
class _Now:
    """How the comments of a week stand now: those decided and hidden, those with covered words
    (what is covered, each text as written and as published), and the published texts of all quoted.
    """

    hidden: set[int]
    covered: Mapping[int, tuple[Covered, ...]]
    words: Mapping[int, tuple[str, str]]
    published: Mapping[int, str]


def _readable_now(
    session: Session, stage_id: int, week: Week, documents: Mapping[int, SectionDocument]
) -> _Now:
    quoted = [q.comment for d in documents.values() for p in d.points for q in p.quotes]
    words = _words_of_redacted(session, stage_id, week)
    return _Now(
        _hidden_ids(session, stage_id, week),
        covered_in(session, list(words)),
        words,
        published_texts(session, quoted),
    )


def _point(point: Point, document: SectionDocument, now: _Now) -> ShownPoint:
    quotes = tuple(
        _quote(q, now) for q in point.quotes if q.text in now.published.get(q.comment, "")
    )
    withdrawn = now.hidden.intersection(point.comments).difference(document.unpublished)
    repeated = any(_is_most_of(point.heading, quote.text) for quote in quotes)
    return ShownPoint(
        heading="" if withdrawn or repeated or _is_covered(point, now) else point.heading,
        language=point.language,
        comments=len(point.comments),
        people=point.people,
        wordings=point.wordings,
        quotes=quotes,
        gone=len(point.quotes) - len(quotes),
    )


def _quote(quote: Quote, now: _Now) -> ShownQuote:
    whole = parts(now.published[quote.comment], now.covered.get(quote.comment, ()))
    return ShownQuote(quote.comment, quote.text, quote.language, excerpt(whole, quote.text))


def _is_covered(point: Point, now: _Now) -> bool:
    """Whether the heading has a word that a comment behind it says only under a cover."""
    return any(
        word in written and word not in published
        for word in words_of(point.heading)
        for written, published in (now.words[id] for id in point.comments if id in now.words)
    )


def _is_most_of(heading: str, quote: str) -> bool:
    """Whether a reader would read the same sentence twice."""
    said = " ".join(quote.split())
    return heading in said and len(heading) * 2 > len(said)


def _words_of_redacted(session: Session, stage_id: int, week: Week) -> dict[int, tuple[str, str]]:
    rows = session.execute(
        select(Comment.id, Comment.text, Comment.published_text)
        .join(Entry, Entry.id == Comment.measure_id)
        .where(
            Entry.stage_id == stage_id,
            Comment.received_at >= week.starts_at,
            Comment.received_at < week.ends_at,
            Comment.publication == Publication.REDACTED,
        )
    )
    return {id: (text.casefold(), (published or "").casefold()) for id, text, published in rows}


def _hidden_ids(session: Session, stage_id: int, week: Week) -> set[int]:
    """Comments of the week that were decided and that nobody may read now."""
    return set(
        session.scalars(
            select(Comment.id)
            .join(Entry, Entry.id == Comment.measure_id)
            .where(
                Entry.stage_id == stage_id,
                Comment.received_at >= week.starts_at,
                Comment.received_at < week.ends_at,
                Comment.treatment != Treatment.UNDECIDED,
                ~is_visible(),
            )
        )
    )

"""What of a stored summary may be read now: every quote asks the one rule of visibility again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.queries import is_visible, published_texts, visible_ids
from webapp.comments.rules import Publication, Treatment
from webapp.measures.models import Entry
from webapp.moderation.published import covered_in
from webapp.moderation.redactions import Part, excerpt, parts
from webapp.moderation.rules import Covered
from webapp.summaries.models import Summary
from webapp.summaries.origins import Drafted
from webapp.summaries.rules import Point, Quote, SectionDocument, words_of
from webapp.summaries.scopes import Scope

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
    `comments`, `people` and `wordings` are numbers. `sentence` is what staff let stand below the
    heading; `heading_by` and `sentence_by` say so when a machine drafted these words.
    """

    heading: str
    language: str
    comments: int
    people: int
    wordings: int
    quotes: tuple[ShownQuote, ...]
    gone: int
    fresh: int = 0
    place: int = 0
    lost: bool = False
    own_heading: str = ""
    machine_heading: str = ""
    by_staff: bool = False
    heading_by: Drafted | None = None
    sentence: str = ""
    sentence_by: Drafted | None = None


@dataclass(frozen=True)
class ShownSection:
    """What is said about one measure. `readable_others` are ids, the first SHOWN_OTHERS of them."""

    points: tuple[ShownPoint, ...]
    others: int
    readable_others: tuple[int, ...]
    ordered: bool = False


def shown_sections(
    session: Session,
    summary: Summary,
    documents: Mapping[int, SectionDocument],
    before: Mapping[int, SectionDocument] = MappingProxyType({}),
) -> dict[int, ShownSection]:
    """The sections with what may be read now: the one rule of visibility is asked here."""
    now = _readable_now(session, summary, documents)
    others = [id for document in documents.values() for id in document.others[:SHOWN_OTHERS]]
    visible = visible_ids(session, others)
    return {
        measure_id: ShownSection(
            points=_points(document, now, before.get(measure_id)),
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
    session: Session, summary: Summary, documents: Mapping[int, SectionDocument]
) -> _Now:
    quoted = [q.comment for d in documents.values() for p in d.points for q in p.quotes]
    words = _words_of_redacted(session, Scope.of_summary(summary), documents)
    return _Now(
        _hidden_ids(session, Scope.of_summary(summary), documents),
        covered_in(session, list(words)),
        words,
        published_texts(session, quoted),
    )


def _points(
    document: SectionDocument, now: _Now, before: SectionDocument | None
) -> tuple[ShownPoint, ...]:
    known = before.placed() if before else None
    return tuple(
        replace(
            _point(point, document, now),
            fresh=0 if known is None else len(set(point.comments) - known),
            place=place,
        )
        for place, point in enumerate(document.points)
    )


def _point(point: Point, document: SectionDocument, now: _Now) -> ShownPoint:
    quotes = shown_quotes(point.quotes, now.published, now.covered)
    withdrawn = now.hidden.intersection(point.comments).difference(document.unpublished)
    repeated = says_the_same(point.heading, quotes)
    lost = bool(withdrawn) or _is_covered(point, now)
    return ShownPoint(
        lost=lost,
        own_heading="" if lost else point.heading,
        heading="" if lost or repeated else point.heading,
        language=point.language,
        comments=len(point.comments),
        people=point.people,
        wordings=point.wordings,
        quotes=quotes,
        gone=len(point.quotes) - len(quotes),
    )


def shown_quotes(
    quotes: Iterable[Quote],
    published: Mapping[int, str],
    covered: Mapping[int, tuple[Covered, ...]],
) -> tuple[ShownQuote, ...]:
    """Those quotes that stand in what is published now, with what is covered in them."""
    return tuple(
        _quote(quote, published[quote.comment], covered.get(quote.comment, ()))
        for quote in quotes
        if quote.text in published.get(quote.comment, "")
    )


def says_the_same(heading: str, quotes: Iterable[ShownQuote]) -> bool:
    """Whether a quote below the heading says it all again."""
    return any(_is_most_of(heading, quote.text) for quote in quotes)


def _quote(quote: Quote, published: str, covered: tuple[Covered, ...]) -> ShownQuote:
    whole = parts(published, covered)
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


def _words_of_redacted(
    session: Session, scope: Scope, measures: Collection[int]
) -> dict[int, tuple[str, str]]:
    rows = session.execute(
        select(Comment.id, Comment.text, Comment.published_text)
        .join(Entry, Entry.id == Comment.measure_id)
        .where(
            *scope.holds(),
            Comment.measure_id.in_(measures),
            Comment.publication == Publication.REDACTED,
        )
    )
    return {id: (text.casefold(), (published or "").casefold()) for id, text, published in rows}


def _hidden_ids(session: Session, scope: Scope, measures: Collection[int]) -> set[int]:
    """Comments of the week that were decided and that nobody may read now."""
    return set(
        session.scalars(
            select(Comment.id)
            .join(Entry, Entry.id == Comment.measure_id)
            .where(
                *scope.holds(),
                Comment.measure_id.in_(measures),
                Comment.treatment != Treatment.UNDECIDED,
                ~is_visible(),
            )
        )
    )

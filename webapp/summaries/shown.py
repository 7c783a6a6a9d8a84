"""What of a stored summary may be read now: every quote asks the one rule of visibility again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, replace
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.queries import is_visible, published_texts, visible_ids
from webapp.comments.rules import Treatment
from webapp.measures.models import Entry
from webapp.summaries.models import Summary
from webapp.summaries.rules import Point, Quote, SectionDocument
from webapp.summaries.scopes import Scope

SHOWN_OTHERS = 100
"""Other opinions a page links to; all of them are counted."""


@dataclass(frozen=True)
class ShownPoint:
    """A point with the quotes that may be read now; `gone` is how many no longer may.

    `heading` is empty when a quote says the same, and when it may have been taken from a comment
    that nobody may read now.
    `comments` and `wordings` are numbers; `fresh` is how many of the comments came since a week
    before, `place` where the point stands in the document. `lost` says that a comment behind it
    may no longer be read; `own_heading` is the machine's also when a quote says the same. Where
    staff wrote the heading (`by_staff`), the machine's is kept as `machine_heading`.
    """

    heading: str
    language: str
    comments: int
    wordings: int
    quotes: tuple[Quote, ...]
    gone: int
    fresh: int = 0
    place: int = 0
    lost: bool = False
    own_heading: str = ""
    machine_heading: str = ""
    by_staff: bool = False


@dataclass(frozen=True)
class ShownSection:
    """What is said about one measure. `readable_others` are ids, the first SHOWN_OTHERS of them."""

    points: tuple[ShownPoint, ...]
    others: int
    readable_others: tuple[int, ...]
    ordered: bool = False


@dataclass(frozen=True)
class _Readable:
    """What anyone may read now: texts of quoted comments, other ids; and what nobody may."""

    texts: Mapping[int, str]
    ids: Set[int]
    hidden: frozenset[int]


def shown_sections(
    session: Session,
    summary: Summary,
    documents: Mapping[int, SectionDocument],
    before: Mapping[int, SectionDocument] = MappingProxyType({}),
) -> dict[int, ShownSection]:
    """The sections with what may be read now: the one rule of visibility is asked here.

    `before` are those of a week before, which fewer comments stood behind.
    """
    quoted = [q.comment for d in documents.values() for p in d.points for q in p.quotes]
    others = [id for document in documents.values() for id in document.others[:SHOWN_OTHERS]]
    readable = _Readable(
        published_texts(session, sorted(set(quoted))),
        visible_ids(session, others),
        frozenset(_hidden_ids(session, Scope.of_summary(summary), documents)),
    )
    return {
        measure_id: ShownSection(
            points=_points(document, readable, before.get(measure_id)),
            others=len(document.others),
            readable_others=tuple(i for i in document.others[:SHOWN_OTHERS] if i in readable.ids),
        )
        for measure_id, document in documents.items()
    }


def _points(
    document: SectionDocument, readable: _Readable, before: SectionDocument | None
) -> tuple[ShownPoint, ...]:
    known = before.placed() if before else None
    return tuple(
        replace(
            _point(point, document, readable),
            fresh=0 if known is None else len(set(point.comments) - known),
            place=place,
        )
        for place, point in enumerate(document.points)
    )


def _point(point: Point, document: SectionDocument, readable: _Readable) -> ShownPoint:
    """A quote is shown while it is still word for word what is published of its comment."""
    quotes = tuple(q for q in point.quotes if q.text in readable.texts.get(q.comment, ""))
    withdrawn = readable.hidden.intersection(point.comments).difference(document.unpublished)
    repeated = any(_is_most_of(point.heading, quote.text) for quote in quotes)
    return ShownPoint(
        lost=bool(withdrawn),
        own_heading="" if withdrawn else point.heading,
        heading="" if withdrawn or repeated else point.heading,
        language=point.language,
        comments=len(point.comments),
        wordings=point.wordings,
        quotes=quotes,
        gone=len(point.quotes) - len(quotes),
    )


def _is_most_of(heading: str, quote: str) -> bool:
    """Whether a reader would read the same sentence twice."""
    said = " ".join(quote.split())
    return heading in said and len(heading) * 2 > len(said)


def _hidden_ids(session: Session, scope: Scope, measures: Collection[int]) -> set[int]:
    """Comments on these measures that were decided and that nobody may read now."""
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

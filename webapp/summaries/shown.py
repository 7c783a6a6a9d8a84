"""What of a stored summary may be read now: every quote asks the one rule of visibility again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.citytime import Week
from webapp.comments.models import Comment
from webapp.comments.queries import is_visible, visible_ids
from webapp.comments.rules import Treatment
from webapp.measures.models import Entry
from webapp.summaries.rules import Point, Quote, SectionDocument

SHOWN_OTHERS = 100
"""Other opinions a page links to; all of them are counted."""


@dataclass(frozen=True)
class ShownPoint:
    """A point with the quotes that may be read now; `gone` is how many no longer may.

    `heading` is empty when a quote says the same, and when it may have been taken from a comment
    that nobody may read now.
    `comments`, `people` and `wordings` are numbers.
    """

    heading: str
    language: str
    comments: int
    people: int
    wordings: int
    quotes: tuple[Quote, ...]
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
    hidden = _hidden_ids(session, stage_id, week)
    quoted = [q.comment for d in documents.values() for p in d.points for q in p.quotes]
    others = [id for document in documents.values() for id in document.others[:SHOWN_OTHERS]]
    visible = visible_ids(session, [*quoted, *others])
    return {
        measure_id: ShownSection(
            points=tuple(_point(p, document, visible, hidden) for p in document.points),
            others=len(document.others),
            readable_others=tuple(i for i in document.others[:SHOWN_OTHERS] if i in visible),
        )
        for measure_id, document in documents.items()
    }


def _point(
    point: Point, document: SectionDocument, visible: set[int], hidden: set[int]
) -> ShownPoint:
    quotes = tuple(quote for quote in point.quotes if quote.comment in visible)
    withdrawn = hidden.intersection(point.comments).difference(document.unpublished)
    repeated = any(_is_most_of(point.heading, quote.text) for quote in quotes)
    return ShownPoint(
        heading="" if withdrawn or repeated else point.heading,
        language=point.language,
        comments=len(point.comments),
        people=point.people,
        wordings=point.wordings,
        quotes=quotes,
        gone=len(point.quotes) - len(quotes),
    )


def _is_most_of(heading: str, quote: str) -> bool:
    """Whether a reader would read the same sentence twice."""
    said = " ".join(quote.split())
    return heading in said and len(heading) * 2 > len(said)


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

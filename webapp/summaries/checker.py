"""The checker: proves a section of a summary against the comments it speaks of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields

from webapp.comments.rules import COVER
from webapp.summaries.rules import (
    Counts,
    Point,
    Quote,
    SectionDocument,
    WeekComment,
    people_behind,
    words_of,
)


def check_section(document: SectionDocument, comments: Sequence[WeekComment]) -> list[str]:
    """What does not hold of this section; empty when all of it does.

    `comments` are all that were received on the measure in the week, in whatever state.
    """
    by_id = {comment.id: comment for comment in comments}
    return [
        *_wrong_numbers(document, comments),
        *_wrong_places(document, by_id),
        *_wrong_points(document, by_id),
    ]


def check_lasting(document: SectionDocument, texts: Mapping[int, str]) -> list[str]:
    """What does not hold of a section that later decisions have overtaken.

    Its numbers were those of its day; but each comment still stands in one place, and each quote
    is still word for word from its comment, whose text `texts` gives as its author wrote it; what
    was covered then may be another part than now.
    """
    findings = list(_doubles(_places(document)))
    for point, quote in _quotes(document):
        findings += _wrong_source(point, quote)
        text = texts.get(quote.comment, "")
        if not all(part in text for part in quote.text.split(COVER)):
            findings.append(f"a quote is not verbatim from comment {quote.comment}")
    return findings


def _wrong_numbers(document: SectionDocument, comments: Sequence[WeekComment]) -> Iterator[str]:
    true = Counts.of(comments)
    for name in (field.name for field in fields(Counts)):
        said, is_so = getattr(document.counts, name), getattr(true, name)
        if said != is_so:
            yield f"{name} says {_shown(said)}, but it is {_shown(is_so)}"
    unpublished = sorted(c.id for c in comments if c.counts and not c.quotable)
    if list(document.unpublished) != unpublished:
        yield f"unpublished says {list(document.unpublished)}, but it is {unpublished}"


def _wrong_places(document: SectionDocument, by_id: Mapping[int, WeekComment]) -> Iterator[str]:
    places = _places(document)
    for id in places:
        if id not in by_id:
            yield f"comment {id} is none of this week's on this measure"
        elif not by_id[id].counts:
            yield f"comment {id} stands behind the summary, but is {by_id[id].treatment}"
    yield from _doubles(places)
    for id, comment in by_id.items():
        if comment.counts and id not in places:
            yield f"comment {id} counts, but stands nowhere"


def _doubles(places: Counter[int]) -> Iterator[str]:
    return (f"comment {id} stands in {n} places" for id, n in places.items() if n > 1)


def _wrong_points(document: SectionDocument, by_id: Mapping[int, WeekComment]) -> Iterator[str]:
    for point, quote in _quotes(document):
        yield from _wrong_source(point, quote)
        yield from _wrong_quote(quote, by_id.get(quote.comment))
    public = "\n".join(c.text for c in by_id.values() if c.quotable).casefold()
    closed = "\n".join(c.text for c in by_id.values() if _is_closed(c)).casefold()
    for point in document.points:
        texts = {by_id[id].text for id in point.comments if id in by_id}
        if not point.comments:
            yield f"no comment is behind {point.heading!r}"
        elif not 1 <= point.wordings <= len(texts):
            yield f"{point.heading!r} says {point.wordings} wordings of {len(texts)} texts"
        people = people_behind(by_id[id] for id in point.comments if id in by_id)
        if point.people != people:
            yield f"{point.heading!r} says {point.people} people, but it is {people}"
        for word in words_of(point.heading):
            if word in closed and word not in public:
                yield f"the heading {point.heading!r} has words that are not published"


def _is_closed(comment: WeekComment) -> bool:
    """Whether its words may lend a heading nothing that is not published elsewhere too."""
    return comment.withdrawn or (comment.counts and not comment.quotable)


def _wrong_source(point: Point, quote: Quote) -> Iterator[str]:
    if quote.comment not in point.comments:
        yield f"comment {quote.comment} is quoted, but not behind {point.heading!r}"


def _wrong_quote(quote: Quote, comment: WeekComment | None) -> Iterator[str]:
    if comment is None:
        return
    if not comment.quotable:
        yield f"comment {comment.id} is quoted, but {comment.publication} and {comment.treatment}"
    if not quote.text.strip() or quote.text not in comment.text:
        yield f"a quote is not verbatim from comment {comment.id}"
    if quote.language != comment.language:
        yield f"a quote from comment {comment.id} is marked {quote.language}"


def _places(document: SectionDocument) -> Counter[int]:
    in_points = (id for point in document.points for id in point.comments)
    return Counter([*in_points, *document.others])


def _quotes(document: SectionDocument) -> Iterator[tuple[Point, Quote]]:
    return ((point, quote) for point in document.points for quote in point.quotes)


def _shown(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return dict(sorted(value.items())) if isinstance(value, Mapping) else value

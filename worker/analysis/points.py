"""The points of a summary: what the counted comments speak of, in their own words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from worker.analysis.corpus import Corpus
from worker.analysis.groups import Group, grouped
from worker.analysis.headings import group_heading, own_heading
from worker.analysis.passages import Passage
from worker.analysis.quotes import Quote, quoted, telling_passages
from worker.analysis.wordings import CountedComment, fold

__all__ = ["Compiled", "CountedComment", "Point", "Quote", "compile_points"]

FEW = 12
"""Wordings below which every opinion is a point of its own; also the points a measure shows."""

FEWEST = 3
"""Points that a language has, however few of the wordings are in it."""

CAMPAIGN = 3
"""Comments of one wording that must not disappear among the other opinions."""

CAMPAIGNS = 3
"""Of such wordings, those that are sure of a point."""


@dataclass(frozen=True, slots=True)
class Point:
    """Comments that speak of one subject; numbers of comments and of wordings are told apart."""

    heading: str
    language: str
    comments: tuple[int, ...]
    wordings: int
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """Every comment is behind exactly one of the points or in `others`, by its id, ascending."""

    points: tuple[Point, ...]
    others: tuple[int, ...]


def compile_points(comments: Sequence[CountedComment], known_words: Iterable[str] = ()) -> Compiled:
    """Sort the opinions into points, the same whatever the order they are given in.

    `known_words` are words or phrases of the measure itself; they count for less than other words
    when headings and quotes are chosen. Withheld comments count behind a point, but add no word
    to a heading or quote. The points with most wordings come first, near copies counting as one:
    a copied text does not lead because it was copied.
    """
    known = list(known_words)
    wordings = fold(comments)
    points: list[Point] = []
    for language in sorted({wording.speaker.language for wording in wordings}):
        own = [wording for wording in wordings if wording.speaker.language == language]
        share = len(own) / len(wordings)
        limit = FEW if len(wordings) < FEW else max(FEWEST, round(FEW * share))
        points += _points(Corpus(own, language, known), limit)
    told_in = {id: place for place, wording in enumerate(wordings) for id in wording.comments}
    points.sort(key=lambda point: (-len({told_in[id] for id in point.comments}), point.comments))
    told = set(chain.from_iterable(point.comments for point in points))
    others = {comment.id for comment in comments} - told
    return Compiled(tuple(points), tuple(sorted(others)))


def _points(corpus: Corpus, limit: int) -> list[Point]:
    """Groups first, then copied texts that stand alone, then the opinions that add most."""
    alone = [place for place, wording in enumerate(corpus.wordings) if wording.quotable]
    if len(corpus.wordings) <= limit:
        return _own_points(corpus, alone, limit)
    groups = sorted(grouped(corpus, limit), key=lambda group: (-len(group.members), group.members))
    together = [point for group in groups if (point := _group_point(corpus, group))]
    told = set(chain.from_iterable(point.comments for point in together))
    alone = [place for place in alone if told.isdisjoint(corpus.wordings[place].comments)]
    copied = _copied(corpus, alone)
    points = together[: limit - len(copied)] + _own_points(corpus, copied, limit)
    rest = [place for place in alone if place not in copied]
    return points + _own_points(corpus, rest, limit - len(points))


def _group_point(corpus: Corpus, group: Group) -> Point | None:
    """The point of a group; none if nothing that its members say may be published."""
    keys = telling_passages(corpus, group.members, subject=group.terms[0])
    heading = group_heading(corpus, group)
    return _point(corpus, group.members, keys, heading) if keys and heading else None


def _copied(corpus: Corpus, places: Sequence[int]) -> list[int]:
    """Up to `CAMPAIGNS` wordings that many comments share, the most copied first."""
    counts = {place: len(corpus.wordings[place].comments) for place in places}
    copied = [place for place in places if counts[place] >= CAMPAIGN]
    return sorted(copied, key=lambda place: (-counts[place], place))[:CAMPAIGNS]


def _own_points(corpus: Corpus, places: Sequence[int], limit: int) -> list[Point]:
    """A point for each of the wordings, or for those that add most where not all find room."""
    if len(places) <= limit:
        keys = [key for place in places for key in telling_passages(corpus, [place], 1)]
    else:
        keys = telling_passages(corpus, places, limit)
    return [_point(corpus, [key.place], [key], own_heading(corpus, key.place)) for key in keys]


def _point(corpus: Corpus, places: Sequence[int], keys: Sequence[Passage], heading: str) -> Point:
    wordings = [corpus.wordings[place] for place in places]
    comments = sorted(chain.from_iterable(wording.comments for wording in wordings))
    versions = sum(wording.versions for wording in wordings)
    quotes = tuple(quoted(corpus, key) for key in keys)
    return Point(heading, corpus.language, tuple(comments), versions, quotes)

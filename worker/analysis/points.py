"""The points of a summary: what the counted comments speak of, in their own words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from worker.analysis.corpus import Corpus
from worker.analysis.groups import grouped
from worker.analysis.headings import group_heading, own_heading
from worker.analysis.quotes import Passage, Quote, quoted, telling_passages
from worker.analysis.tokens import words
from worker.analysis.wordings import CountedComment, Wording, fold

__all__ = ["Compiled", "CountedComment", "Point", "Quote", "compile_points"]

FEW = 12
"""Wordings below which every opinion is a point of its own; also the points a measure shows."""

FEWEST = 3
"""Points that a language has, however few of the wordings are in it."""

CAMPAIGN = 3
"""Comments of one wording that must not disappear among the other opinions."""

CAMPAIGNS = 3
"""Of such wordings, those that are sure of a point."""

SHORT = {"ja": 60}
LATIN_SHORT = 120
"""Characters up to which a key sentence serves as the heading."""


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
    """Sort the opinions into points, deterministically and in any order given.

    `known_words` are words or phrases of the measure itself; no heading is made of them alone.
    Withheld comments count behind a point, but add no word to a heading or quote.
    """
    known = list(known_words)
    wordings = fold(comments)
    points: list[Point] = []
    for language in sorted({wording.speaker.language for wording in wordings}):
        own = [wording for wording in wordings if wording.speaker.language == language]
        share = len(own) / len(wordings)
        limit = FEW if len(wordings) < FEW else max(FEWEST, round(FEW * share))
        points += _Compiler(own, language, known).points(limit)
    points.sort(key=lambda point: (-point.wordings, point.comments))
    told = set(chain.from_iterable(point.comments for point in points))
    others = {comment.id for comment in comments} - told
    return Compiled(tuple(points), tuple(sorted(others)))


class _Compiler:
    """The points of the wordings in one language."""

    def __init__(self, wordings: Sequence[Wording], language: str, known: Iterable[str]) -> None:
        self.corpus = Corpus(wordings, language)
        own = {word for phrase in known for word in words(phrase, language)}
        self.known = {self.corpus.numbers[word] for word in own if word in self.corpus.numbers}

    def points(self, limit: int) -> list[Point]:
        """Groups first, then copied texts that stand alone, then the opinions that add most."""
        alone = [place for place, one in enumerate(self.corpus.wordings) if one.quotable]
        if len(self.corpus.wordings) <= limit:
            return self._single_points(alone, limit)
        points = self._group_points(limit)
        told = {comment for point in points for comment in point.comments}
        alone = [p for p in alone if told.isdisjoint(self.corpus.wordings[p].comments)]
        copied = self._copied(alone)
        del points[limit - len(copied) :]
        points += self._single_points(copied, limit)
        rest = [place for place in alone if place not in copied]
        return points + self._single_points(rest, limit - len(points))

    def _group_points(self, limit: int) -> list[Point]:
        groups = grouped(self.corpus, self.known, limit)
        groups.sort(key=lambda group: (-len(group.members), group.members))
        points = [
            self._point(group.members, keys, group_heading(self.corpus, group))
            for group in groups
            if (keys := telling_passages(self.corpus, group.members))
        ]
        return [point for point in points if point.heading]

    def _copied(self, places: Sequence[int]) -> list[int]:
        """Up to three wordings that many comments share, the most copied first."""
        counts = {place: len(self.corpus.wordings[place].comments) for place in places}
        copied = [place for place in places if counts[place] >= CAMPAIGN]
        return sorted(copied, key=lambda place: (-counts[place], place))[:CAMPAIGNS]

    def _single_points(self, places: Sequence[int], limit: int) -> list[Point]:
        """A point for each of the opinions; for the ones that add most where not all find room."""
        if len(places) <= limit:
            keys = [key for p in places for key in telling_passages(self.corpus, [p], 1)]
        else:
            keys = telling_passages(self.corpus, places, limit, new=0.0)
        return [self._point((key.place,), [key], self._own_heading(key)) for key in keys]

    def _point(self, places: Sequence[int], keys: Sequence[Passage], heading: str) -> Point:
        comments = [id for place in places for id in self.corpus.wordings[place].comments]
        quotes = tuple(quoted(self.corpus, key) for key in keys)
        language = self.corpus.language
        return Point(heading, language, tuple(sorted(comments)), len(places), quotes)

    def _own_heading(self, key: Passage) -> str:
        """The key sentence if it is short; a long one is not cut, its end may turn its meaning."""
        sentence = " ".join(key.text.split())
        if len(sentence) <= SHORT.get(self.corpus.language, LATIN_SHORT):
            return sentence
        names = own_heading(self.corpus, key.place, self.known)
        return names or sentence[: SHORT["ja"]] + "…"

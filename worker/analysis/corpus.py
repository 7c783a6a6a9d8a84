"""The words and compounds of all wordings in one language, weighed by how few wordings use them."""

import math
from collections.abc import Iterable, Sequence

from worker.analysis.compounds import compounds
from worker.analysis.tokens import tokens
from worker.analysis.wordings import Wording

SAMPLE = 150
"""Wordings that stand for a longer list where only an average is wanted."""


class Corpus:
    """Terms, which are words and compounds, are numbered in the order of their first use.

    `terms[w]` are the numbers of the distinct terms of wording `w`, ascending; `users[t]` the
    wordings that use term `t`, ascending; `weights[t]` is log(N / users), the inverse document
    frequency of Spärck Jones (1972), and 0 for a term of one wording alone, which joins it to
    nothing; `lengths[w]` is the Euclidean length of a wording's weights. `known` are words or
    phrases of the measure itself.
    """

    def __init__(
        self, wordings: Sequence[Wording], language: str, known: Iterable[str] = ()
    ) -> None:
        self.wordings = wordings
        self.language = language
        self.names: list[str] = []
        self.nouns: list[bool] = []
        self.users: list[list[int]] = []
        self.parts: dict[int, frozenset[int]] = {}
        self.numbers: dict[str, int] = {}
        self._known = {
            name
            for phrase in known
            for token in tokens(phrase, language)
            for name in (token.normal, *(one.normal for one in token.inner))
        }
        self.terms = [self._read(place) for place in range(len(wordings))]
        count = len(wordings)
        self.weights = [
            math.log(count / len(users)) if len(users) > 1 else 0.0 for users in self.users
        ]
        self.lengths = [math.hypot(*(self.weights[t] for t in terms)) for terms in self.terms]

    def _read(self, place: int) -> tuple[int, ...]:
        """The numbers of the distinct terms of one wording."""
        text = self.wordings[place].text
        read = list(tokens(text, self.language))
        distinct: set[int] = set()
        for token in (token for token in read if token.normal):
            number = self._number(token.normal, token.noun)
            within = {self._number(one.normal, one.noun) for one in token.inner}
            if within:
                self.parts.setdefault(number, frozenset(within))
            distinct |= within | {number}
        for compound in compounds(text, read, self.language):
            number = self._number(compound.normal, noun=True)
            self.parts.setdefault(number, frozenset(self.numbers[part] for part in compound.parts))
            distinct.add(number)
        for number in distinct:
            self.users[number].append(place)
        return tuple(sorted(distinct))

    def _number(self, name: str, noun: bool) -> int:
        """The number of a term; one never met before gets the next."""
        number = self.numbers.setdefault(name, len(self.names))
        if number == len(self.names):
            self.names.append(name)
            self.nouns.append(False)
            self.users.append([])
        self.nouns[number] = self.nouns[number] or noun
        return number

    def family(self, term: int) -> frozenset[int]:
        """The words of a term, itself among them."""
        return self.parts.get(term, frozenset({term}))

    def is_known(self, name: str) -> bool:
        """Whether the measure itself uses the word, or all words of the compound."""
        return all(self.names[part] in self._known for part in self.family(self.numbers[name]))

    def rarity(self, name: str) -> float:
        """What a term tells to a reader: as its weight, but most of all if one wording uses it."""
        return math.log((len(self.wordings) + 1) / len(self.users[self.numbers[name]]))

    def vector(self, place: int) -> Iterable[tuple[int, float]]:
        """The terms of a wording that others use too, with their weights, as a unit vector."""
        length = self.lengths[place] or 1.0
        return ((t, self.weights[t] / length) for t in self.terms[place] if self.weights[t])


class Circle:
    """The sum of the unit vectors of some wordings, at most `SAMPLE` of those given.

    For n unit vectors v, |Σv|² = n + n(n−1)·m, where m is the mean cosine of two of them.
    """

    def __init__(self, corpus: Corpus, places: Sequence[int]) -> None:
        self.places = frozenset(sampled(places))
        self._corpus = corpus
        self._own = 0.0
        self._total: dict[int, float] = {}
        for place in sorted(self.places):
            for term, weight in corpus.vector(place):
                self._total[term] = self._total.get(term, 0.0) + weight
                self._own += weight * weight

    def mean(self, usual: float, doubt: int) -> float:
        """The mean cosine between two of the wordings, mixed with `doubt` pairs of the `usual`."""
        pairs = len(self.places) * (len(self.places) - 1)
        alike = math.fsum(weight * weight for weight in self._total.values()) - self._own
        return (alike + usual * doubt) / ((pairs + doubt) or 1)

    def likeness(self, place: int, usual: float, doubt: int) -> float:
        """The mean cosine of a wording to the others, mixed with `doubt` of the `usual`."""
        vector = list(self._corpus.vector(place))
        alike = sum(weight * self._total.get(term, 0.0) for term, weight in vector)
        others = len(self.places)
        if place in self.places:
            alike -= sum(weight * weight for _, weight in vector)
            others -= 1
        return (alike + usual * doubt) / ((others + doubt) or 1)


def sampled(places: Sequence[int]) -> Sequence[int]:
    """At most `SAMPLE` of the places, evenly spread over all."""
    count = len(places)
    if count <= SAMPLE:
        return places
    return [places[step * count // SAMPLE] for step in range(SAMPLE)]

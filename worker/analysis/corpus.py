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
    nothing; `lengths[w]` is the Euclidean length of a wording's weights.
    """

    def __init__(self, wordings: Sequence[Wording], language: str) -> None:
        self.wordings = wordings
        self.language = language
        self.names: list[str] = []
        self.nouns: list[bool] = []
        self.users: list[list[int]] = []
        self.parts: dict[int, frozenset[int]] = {}
        self.numbers: dict[str, int] = {}
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
        distinct = {self._number(token.normal, token.noun) for token in read if token.normal}
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

    def weight(self, name: str) -> float:
        """The weight of a term by its normal form; 0 for one that no wording uses."""
        number = self.numbers.get(name)
        return 0.0 if number is None else self.weights[number]

    def centre(self, places: Sequence[int]) -> dict[int, float]:
        """The sum of the unit vectors of at most `SAMPLE` of the wordings, made a unit vector."""
        total: dict[int, float] = {}
        for place in sampled(places):
            for term, weight in self.vector(place):
                total[term] = total.get(term, 0.0) + weight
        length = math.hypot(*total.values()) or 1.0
        return {term: weight / length for term, weight in total.items()}

    def vector(self, place: int) -> Iterable[tuple[int, float]]:
        """The terms of a wording that others use too, with their weights, as a unit vector."""
        length = self.lengths[place] or 1.0
        return ((t, self.weights[t] / length) for t in self.terms[place] if self.weights[t])

    def likeness(self, place: int, centre: dict[int, float]) -> float:
        """The cosine between a wording and a centre, 0 to 1."""
        return sum(weight * centre.get(term, 0.0) for term, weight in self.vector(place))


def sampled(places: Sequence[int]) -> Sequence[int]:
    """At most `SAMPLE` of the places, evenly spread over all."""
    count = len(places)
    if count <= SAMPLE:
        return places
    return [places[step * count // SAMPLE] for step in range(SAMPLE)]

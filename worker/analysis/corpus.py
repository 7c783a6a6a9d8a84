"""The words of all wordings in one language, weighed by how few wordings use them."""

import math
from collections.abc import Sequence

from worker.analysis.tokens import tokens
from worker.analysis.wordings import Wording


class Corpus:
    """Words are numbered in the order of their first use; wordings by their place in `wordings`.

    `terms[w]` are the numbers of the distinct words of wording `w`, ascending; `users[t]` the
    wordings that use word `t`, ascending; `weights[t]` is log(N / users), the inverse document
    frequency of Spärck Jones (1972), and 0 for a word that only one wording uses, which can
    join it to nothing; `lengths[w]` is the Euclidean length of a wording's weights.
    """

    def __init__(self, wordings: Sequence[Wording], language: str) -> None:
        self.wordings = wordings
        self.language = language
        self.words: list[str] = []
        self.nouns: list[bool] = []
        self.users: list[list[int]] = []
        self.terms = self._read()
        count = len(wordings)
        self.weights = [
            math.log(count / len(users)) if len(users) > 1 else 0.0 for users in self.users
        ]
        self.lengths = [math.hypot(*(self.weights[t] for t in terms)) for terms in self.terms]


    def _read(self) -> list[tuple[int, ...]]:
        numbers: dict[str, int] = {}
        return [self._distinct(place, numbers) for place in range(len(self.wordings))]

    def _distinct(self, place: int, numbers: dict[str, int]) -> tuple[int, ...]:
        """The numbers of the words of one wording; a word never met before gets the next number."""
        distinct: set[int] = set()
        for token in tokens(self.wordings[place].text, self.language):
            if not token.normal:
                continue
            number = numbers.setdefault(token.normal, len(self.words))
            if number == len(self.words):
                self.words.append(token.normal)
                self.nouns.append(False)
                self.users.append([])
            self.nouns[number] = self.nouns[number] or token.noun
            distinct.add(number)
        for number in distinct:
            self.users[number].append(place)
        return tuple(sorted(distinct))

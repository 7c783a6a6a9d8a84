"""Wordings that speak of the same subject, held together by a term that all of them use."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worker.analysis.corpus import Circle, Corpus

CANDIDATES = 400
"""Terms looked at closely when the subjects are chosen."""

COMMON = 0.6
"""A term used by a larger share of the wordings tells none apart; half that, if it is known."""

DOUBT = 6
"""Pairs of unrelated wordings mixed into every mean, so that two wordings prove little."""

ALIKE = 2.0
"""How many times more like its group than usual a wording must be; below, it only mentions it."""

PASSES = 2
"""Times that the wordings are sorted, the second time by what the first brought together."""

COMPANIONS = 3
"""Terms a heading may add to the leading one."""

SHARE = 0.34
"""Share of a group's wordings that must use a term before it may stand in the heading."""

KNOWN = 0.5
"""How much less a term says that the measure itself uses; it would head any of its comments."""

DISTINCT = 0.3
"""What a companion must add: share in the group times the log of its lift over all wordings."""


@dataclass(frozen=True, slots=True)
class Group:
    """Every member uses the first of `terms`, many the others; both are given by their numbers."""

    terms: tuple[int, ...]
    members: tuple[int, ...]


def grouped(corpus: Corpus, limit: int) -> list[Group]:
    """At most `limit` groups of two or more wordings; a wording is in one group or in none."""
    return _Subjects(corpus).groups(limit)


class _Subjects:
    """What the wordings are about: the terms under which most of them can be brought together."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        everywhere = range(len(corpus.wordings))
        self._usual = Circle(corpus, everywhere).mean(usual=0.0, doubt=0)

    def groups(self, limit: int) -> list[Group]:
        """The users of each leading term, without those that only mention it."""
        circles: Mapping[int, Sequence[int]]
        circles = {lead: self.corpus.users[lead] for lead in self._leads(limit)}
        for _ in range(PASSES):
            circles = self._gathered(circles)
        return [
            Group((lead, *self._companions(lead, members)), tuple(members))
            for lead, members in circles.items()
        ]

    def _gathered(self, circles: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
        """Every wording under that of its leading terms whose circle it is most like.

        Terms that gather fewer than two fall out.
        """
        drawn = {lead: Circle(self.corpus, members) for lead, members in circles.items()}
        gathered: dict[int, list[int]] = {lead: [] for lead in circles}
        for place, terms in enumerate(self.corpus.terms):
            likeness, nearest = max(
                ((drawn[t].likeness(place, self._usual, 1), -t) for t in terms if t in drawn),
                default=(0.0, 0),
            )
            if likeness > ALIKE * self._usual:
                gathered[-nearest].append(place)
        return {lead: members for lead, members in gathered.items() if len(members) > 1}

    def _leads(self, limit: int) -> list[int]:
        """At most `limit` terms, greedily: the next is shared by most wordings not yet covered,
        and the more alike its users are, the better."""
        weights = {t: self._weight(t) for t in self._candidates()}
        users = {t: _as_bits(self.corpus.users[t]) for t in weights}
        uncovered = (1 << len(self.corpus.wordings)) - 1
        leads: list[int] = []
        while len(leads) < limit:
            counts = ((t, (users[t] & uncovered).bit_count()) for t in weights)
            gains = ((count * weights[t], -t) for t, count in counts if count > 1)
            gain, best = max(gains, default=(0.0, 0))
            if gain <= 0:
                break
            leads.append(-best)
            uncovered &= ~users[-best]
        return leads

    def _candidates(self) -> list[int]:
        """The terms that could lead a group, those that tell most apart first."""
        corpus, most = self.corpus, COMMON * len(self.corpus.wordings)
        candidates = [
            t
            for t, users in enumerate(corpus.users)
            if corpus.nouns[t]
            and len(users) * self._freshness(t) > 1
            and len(users) <= most * self._freshness(t)
            and len(self._quotable(users)) > 1
        ]
        candidates.sort(key=lambda t: (-len(corpus.users[t]) * corpus.weights[t], t))
        return candidates[:CANDIDATES]

    def _weight(self, term: int) -> float:
        """How much more alike than usual its users are; the root keeps large subjects ahead."""
        circle = Circle(self.corpus, self.corpus.users[term])
        excess = circle.mean(self._usual, DOUBT) - self._usual
        return math.sqrt(max(0.0, excess)) * self._freshness(term)

    def _freshness(self, term: int) -> float:
        return KNOWN if self.corpus.is_known(self.corpus.names[term]) else 1.0

    def _companions(self, lead: int, members: Sequence[int]) -> list[int]:
        """Other terms for the heading of a group, the most telling first."""
        corpus, quotable = self.corpus, self._quotable(members)
        uses = Counter(t for place in quotable for t in corpus.terms[place] if self.corpus.nouns[t])
        ranked = sorted(
            (-self._telling(t, count / len(quotable)), t)
            for t, count in uses.items()
            if count > 1 and count >= SHARE * len(quotable)
        )
        chosen: list[int] = []
        words = set(corpus.family(lead))
        for telling, term in ranked:
            if -telling >= DISTINCT and words.isdisjoint(corpus.family(term)):
                chosen.append(term)
                words |= corpus.family(term)
        return chosen[:COMPANIONS]

    def _telling(self, term: int, share: float) -> float:
        overall = len(self.corpus.users[term]) / len(self.corpus.wordings)
        return share * math.log(share / overall) * self._freshness(term)

    def _quotable(self, places: Sequence[int]) -> list[int]:
        return [place for place in places if self.corpus.wordings[place].quotable]


def _as_bits(places: Sequence[int]) -> int:
    """A set of places as one number, so that two sets are compared at once."""
    bits = bytearray(places[-1] // 8 + 1)
    for place in places:
        bits[place // 8] |= 1 << place % 8
    return int.from_bytes(bits, "little")

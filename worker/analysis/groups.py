"""Wordings that speak of the same subject, each group held together by terms its members share."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from worker.analysis.corpus import Corpus, sampled

CANDIDATES = 400
"""Terms looked at closely when the subjects are chosen."""

COMMON = 0.4
"""A term used by a larger share of the wordings tells none of them apart."""

DOUBT = 6
"""Pairs of unrelated wordings mixed into every likeness, so that two wordings prove little."""

ALIKE = 0.12
"""Cosine to the middle of a group below which a wording only mentions its subject."""

COMPANIONS = 3
"""Terms a heading may add to the leading one."""

SHARE = 0.3
"""Share of a group's wordings that must use a term before it may stand in the heading."""

DISTINCT = 0.3
"""What a companion must add: share in the group times the log of its lift over all wordings."""


@dataclass(frozen=True, slots=True)
class Group:
    """Every member uses at least one of `terms`, the leading one first; both by their numbers."""

    terms: tuple[int, ...]
    members: tuple[int, ...]


def grouped(corpus: Corpus, known: Collection[str], limit: int) -> list[Group]:
    """At most `limit` groups of two or more wordings; a wording is in one group or in none."""
    subjects = _Subjects(corpus, known)
    leads = {lead: (lead,) for lead in subjects.leads(limit)}
    places = range(len(corpus.wordings))
    circles = _gathered(corpus, leads, {lead: corpus.users[lead] for lead in leads}, places)
    terms = {lead: (lead, *subjects.companions(lead, circles[lead])) for lead in circles}
    left = sorted(set(places).difference(*circles.values()))
    joined = _gathered(corpus, terms, circles, left, fewest=1)
    return [
        Group(terms[lead], tuple(sorted([*members, *joined.get(lead, ())])))
        for lead, members in circles.items()
    ]


def _gathered(
    corpus: Corpus,
    terms: Mapping[int, tuple[int, ...]],
    circles: Mapping[int, Sequence[int]],
    places: Iterable[int],
    fewest: int = 2,
) -> dict[int, list[int]]:
    """Each of the places under the lead it is most like, of those with a term it uses.

    `circles` are wordings known to belong to each lead; leads with under `fewest` places fall out.
    """
    centres = {lead: corpus.centre(members) for lead, members in circles.items()}
    holders: dict[int, list[int]] = {}
    for lead, words in terms.items():
        for word in words:
            holders.setdefault(word, []).append(lead)
    gathered: dict[int, list[int]] = {lead: [] for lead in terms}
    for place in places:
        leads = {lead for term in corpus.terms[place] for lead in holders.get(term, ())}
        likeness, nearest = max(
            ((corpus.likeness(place, centres[lead]), -lead) for lead in leads), default=(0.0, 0)
        )
        if likeness >= ALIKE:
            gathered[-nearest].append(place)
    return {lead: members for lead, members in gathered.items() if len(members) >= fewest}


class _Subjects:
    """What the wordings are about: the terms under which most of them can be brought together."""

    def __init__(self, corpus: Corpus, known: Collection[str]) -> None:
        self.corpus = corpus
        words = {corpus.numbers[word] for word in known if word in corpus.numbers}
        self._known = words
        self._usual = self._mean_likeness(range(len(corpus.wordings)), frozenset())

    def leads(self, limit: int) -> list[int]:
        """At most `limit` terms, greedily: the next is shared by most wordings not yet covered,
        and the more alike its users are in their other words, the better."""
        weighed = [(t, self._excess(t)) for t in self._candidates()]
        users = {t: sum(1 << place for place in self.corpus.users[t]) for t, _ in weighed}
        uncovered = (1 << len(self.corpus.wordings)) - 1
        leads: list[int] = []
        while len(leads) < limit:
            gains = (
                (_worth((users[t] & uncovered).bit_count(), excess), -t) for t, excess in weighed
            )
            gain, best = max(gains, default=(0.0, 0))
            if gain <= 0:
                break
            leads.append(-best)
            uncovered &= ~users[-best]
        return leads

    def companions(self, lead: int, members: Sequence[int]) -> list[int]:
        """Other terms for the heading of a group, the most telling first."""
        quotable = [place for place in members if self.corpus.wordings[place].quotable]
        uses = Counter(
            t for place in quotable for t in self.corpus.terms[place] if self._may_head(t)
        )
        ranked = sorted(
            (-self._lift(t, count / len(quotable)), t)
            for t, count in uses.items()
            if count > 1 and count >= SHARE * len(quotable)
        )
        chosen: list[int] = []
        words = set(self.corpus.family(lead))
        for lift, term in ranked:
            if -lift >= DISTINCT and words.isdisjoint(self.corpus.family(term)):
                chosen.append(term)
                words |= self.corpus.family(term)
        return chosen[:COMPANIONS]

    def _lift(self, term: int, share: float) -> float:
        overall = len(self.corpus.users[term]) / len(self.corpus.wordings)
        return share * math.log(share / overall)

    def _may_head(self, term: int) -> bool:
        return self.corpus.nouns[term] and not self.corpus.family(term) <= self._known

    def _candidates(self) -> list[int]:
        """The terms that could lead a group, those that tell most apart first."""
        corpus, most = self.corpus, COMMON * len(self.corpus.wordings)
        candidates = [
            t
            for t, users in enumerate(corpus.users)
            if 1 < len(users) <= most and self._may_head(t) and self._quotable(users) > 1
        ]
        candidates.sort(key=lambda t: (-len(corpus.users[t]) * corpus.weights[t], t))
        return candidates[:CANDIDATES]

    def _quotable(self, places: Sequence[int]) -> int:
        return sum(self.corpus.wordings[place].quotable for place in places)

    def _excess(self, term: int) -> float:
        """How much more alike the users of a term are than any two wordings, its own words aside."""
        users = self.corpus.users[term]
        pairs = len(sampled(users)) * (len(sampled(users)) - 1)
        alike = self._mean_likeness(users, self.corpus.family(term))
        mixed = (alike * pairs + self._usual * DOUBT) / (pairs + DOUBT)
        return mixed - self._usual

    def _mean_likeness(self, places: Sequence[int], aside: frozenset[int]) -> float:
        """The mean cosine between two different wordings of `places`, terms made of `aside` left out.

        From the length of the sum of n unit vectors: |Σv|² = Σ|v|² + n(n−1)·mean.
        """
        total: dict[int, float] = {}
        own, some = 0.0, sampled(places)
        for place in some:
            for term, weight in self.corpus.vector(place):
                if not self.corpus.family(term) <= aside:
                    total[term] = total.get(term, 0.0) + weight
                    own += weight * weight
        pairs = len(some) * (len(some) - 1)
        return (sum(weight * weight for weight in total.values()) - own) / pairs if pairs else 0.0


def _worth(covered: int, excess: float) -> float:
    """Two wordings are the least that can share a subject; the root keeps a large one ahead."""
    return covered * math.sqrt(excess) if covered > 1 and excess > 0 else 0.0

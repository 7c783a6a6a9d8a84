"""What a summary is: counts that add up, and sections that read the same from the same input."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from webapp.comments.rules import VISIBLE, Channel, Publication, Stance, Treatment
from webapp.refusal import N_, Refusal

UNSTATED = "unstated"
"""Stands in a count by stance for authors who left it open."""


class WeekNotOver(Refusal):
    status = 409
    explanation = N_("The week %(week)s is not over yet.")


class BrokenSummary(Refusal):
    """A summary that would say something untrue; it is not stored."""

    status = 500
    explanation = N_("The summary of measure %(measure)s was not stored: %(findings)s")


@dataclass(frozen=True)
class CommentState:
    """What decides how a comment stands in a summary, without its text.

    Comments with the same `receipt_id` are one person's.
    """

    id: int
    measure_id: int
    version: int
    language: str
    channel: Channel
    stance: Stance | None
    publication: Publication
    treatment: Treatment
    receipt_id: int

    @property
    def counts(self) -> bool:
        """Whether it is an opinion that counts, be it published or withheld."""
        return self.treatment is Treatment.COUNTS and not self.withdrawn

    @property
    def withdrawn(self) -> bool:
        return self.publication is Publication.WITHDRAWN

    @property
    def quotable(self) -> bool:
        return self.counts and self.publication in VISIBLE


@dataclass(frozen=True)
class WeekComment(CommentState):
    """A comment of the week. `text` is what is published of it; where nothing is, its own."""

    text: str


def inputs_digest(states: Iterable[CommentState]) -> str:
    """SHA-256 of all that a summary is compiled from; every change of a text grows its version."""
    names = [f.name for f in fields(CommentState)]
    rows = sorted([getattr(state, name) for name in names] for state in states)
    return hashlib.sha256(canonical(rows).encode()).hexdigest()


def canonical(document: object) -> str:
    """JSON with one spelling: the same document gives the same bytes. A set is a sorted list."""
    return json.dumps(
        document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=sorted
    )


def people_behind(states: Iterable[CommentState]) -> int:
    """How many people wrote these comments."""
    return len({state.receipt_id for state in states})


@dataclass(frozen=True)
class Counts:
    """Numbers of comments, and the people behind those received.

    The numbers of a pillar, a stage or a month are sums of those of a measure. Its people are not:
    one person may write on two measures. So people are kept as a set, the ids of their receipts,
    and sets are united. The ids are for counting only and stand on no page. `receipts` is None
    where a summary was stored before people were counted.

    received = published + withheld + waiting + withdrawn, and each `by_…` adds up to received.
    `counted` are opinions that count, published or withheld; what was no opinion is left out of
    them, and what was withdrawn is nothing but withdrawn.
    """

    received: int = 0
    published: int = 0
    withheld: int = 0
    waiting: int = 0
    withdrawn: int = 0
    counted: int = 0
    out_of_scope: int = 0
    not_an_opinion: int = 0
    by_stance: Mapping[str, int] = field(default_factory=dict)
    by_language: Mapping[str, int] = field(default_factory=dict)
    by_channel: Mapping[str, int] = field(default_factory=dict)
    receipts: frozenset[int] | None = frozenset()

    @property
    def people(self) -> int | None:
        """How many people sent what was received; None where that is not known."""
        return None if self.receipts is None else len(self.receipts)

    @classmethod
    def of(cls, states: Sequence[CommentState]) -> Counts:
        treatments = Counter(state.treatment for state in states if not state.withdrawn)
        publications = Counter(state.publication for state in states)
        return cls(
            received=len(states),
            published=sum(publications[visible] for visible in VISIBLE),
            withheld=publications[Publication.WITHHELD],
            waiting=publications[Publication.WAITING],
            withdrawn=publications[Publication.WITHDRAWN],
            counted=treatments[Treatment.COUNTS],
            out_of_scope=treatments[Treatment.OUT_OF_SCOPE],
            not_an_opinion=treatments[Treatment.NOT_AN_OPINION],
            by_stance=dict(Counter(str(state.stance or UNSTATED) for state in states)),
            by_language=dict(Counter(state.language for state in states)),
            by_channel=dict(Counter(str(state.channel) for state in states)),
            receipts=frozenset(state.receipt_id for state in states),
        )

    @classmethod
    def read(cls, document: str) -> Counts:
        return cls.found(json.loads(document))

    @classmethod
    def found(cls, numbers: Mapping[str, Any]) -> Counts:
        """Counts as they stand in a stored document."""
        known = numbers.get("receipts")
        return cls(**{**numbers, "receipts": None if known is None else frozenset(known)})

    def __add__(self, other: Counts) -> Counts:
        return Counts(**{f.name: _plus(self, other, f.name) for f in fields(self)})

    def written(self) -> str:
        return canonical(asdict(self))


def _plus(one: Counts, other: Counts, name: str) -> Any:
    left, right = getattr(one, name), getattr(other, name)
    if name == "receipts":
        return None if left is None or right is None else left | right
    return left + right if isinstance(left, int) else dict(Counter(left) + Counter(right))


def total(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())


@dataclass(frozen=True)
class Quote:
    """Words of one comment, verbatim."""

    comment: int
    text: str
    language: str


@dataclass(frozen=True)
class Point:
    """A heading, all comments behind it by their ids, and what some of them say.

    `people` is how many wrote them.
    """

    heading: str
    language: str
    comments: tuple[int, ...]
    wordings: int
    quotes: tuple[Quote, ...]
    people: int


_BETWEEN_WORDS = re.compile(r"[\s・、,，/／:：;；()（）「」|]+")


def words_of(heading: str) -> list[str]:
    """The words a heading is made of, in small letters."""
    return [word for word in _BETWEEN_WORDS.split(heading.casefold()) if word]


@dataclass(frozen=True)
class SectionDocument:
    """What the summary says about one measure.

    Every counted comment is in exactly one point or in `others`. `unpublished` are the counted
    ones whose text nobody could read when it was compiled.
    """

    measure: str
    counts: Counts
    points: tuple[Point, ...]
    others: tuple[int, ...]
    unpublished: tuple[int, ...]

    @classmethod
    def read(cls, document: str) -> SectionDocument:
        found = json.loads(document)
        return cls(
            measure=found["measure"],
            counts=Counts.found(found["counts"]),
            points=tuple(_point(point) for point in found["points"]),
            others=tuple(found["others"]),
            unpublished=tuple(found["unpublished"]),
        )

    def written(self) -> str:
        return canonical(asdict(self))


def _point(found: Mapping[str, Any]) -> Point:
    quotes = tuple(Quote(**quote) for quote in found["quotes"])
    comments = tuple(found["comments"])
    # Before people were counted, each comment had a receipt of its own.
    people = found.get("people", len(comments))
    return Point(**{**found, "comments": comments, "quotes": quotes, "people": people})

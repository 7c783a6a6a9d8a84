"""What a tally counts, which of its numbers are too small to be shown, and how long it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import timedelta
from typing import Any

from webapp.comments.rules import Publication, Treatment

SMALL = 3
"""A breakdown shows no number of comments below this."""

COUNT_EVERY = timedelta(minutes=10)


@dataclass(frozen=True)
class Group:
    """So many comments that are alike in all that a tally tells apart."""

    measure: str
    language: str
    channel: str
    publication: str
    treatment: str
    reason: str | None
    comments: int


@dataclass(frozen=True)
class Tally:
    """Numbers of comments, by codes. What its author withdrew counts as withdrawn only.

    `decided` had a first decision; half of them within `median_seconds` of their receipt, nine of
    ten within `ninetieth_seconds`.
    """

    received: int = 0
    publications: Mapping[str, int] = field(default_factory=dict)
    treatments: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    channels: Mapping[str, int] = field(default_factory=dict)
    measures: Mapping[str, int] = field(default_factory=dict)
    decided: int = 0
    median_seconds: int | None = None
    ninetieth_seconds: int | None = None

    def written(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Tally:
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in document.items() if name in known})


def tally(groups: Iterable[Group], taken: Sequence[float]) -> Tally:
    """The tally of these groups; `taken` are the seconds from receipt to first decision."""
    counts: dict[str, Counter[str]] = {
        name: Counter()
        for name in ("publications", "treatments", "reasons", "languages", "channels", "measures")
    }
    for group in groups:
        counts["publications"][group.publication] += group.comments
        counts["languages"][group.language] += group.comments
        counts["channels"][group.channel] += group.comments
        counts["measures"][group.measure] += group.comments
        if group.publication == Publication.WITHHELD and group.reason:
            counts["reasons"][group.reason] += group.comments
        if group.publication != Publication.WITHDRAWN and group.treatment != Treatment.UNDECIDED:
            counts["treatments"][group.treatment] += group.comments
    in_order = sorted(taken)
    return Tally(
        received=counts["publications"].total(),
        decided=len(in_order),
        median_seconds=_nearest(in_order, 50),
        ninetieth_seconds=_nearest(in_order, 90),
        **{name: dict(counter) for name, counter in counts.items()},
    )


def protected(counts: Mapping[str, int]) -> dict[str, int | None] | None:
    """A breakdown whose sum is known, with None for each number that must not be read off it.

    With a number below SMALL, the two smallest sizes are hidden, wherever they stand. Hidden ones
    may then have changed places without anything looking different, so none can be worked out,
    even by who knows this rule. None instead of a breakdown when there are no two sizes.
    """
    sizes = sorted({number for number in counts.values() if number})
    if not sizes or sizes[0] >= SMALL:
        return dict(counts)
    if len(sizes) < 2:
        return None
    return {c: None if 0 < number <= sizes[1] else number for c, number in counts.items()}


def _nearest(in_order: Sequence[float], percent: int) -> int | None:
    """The nearest-rank percentile."""
    if not in_order:
        return None
    return round(in_order[-(-len(in_order) * percent // 100) - 1])

"""One summary beside an earlier one: what is new, what grew, what a revision changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webapp.summaries.rules import Point, SectionDocument

MOST_NAMED = 20
"""Comments that a list of changes names; all of them are counted."""


@dataclass(frozen=True)
class PointChange:
    """One point before and after, by places in the two documents; None where it is not there.

    `before` and `after` are numbers of comments.
    """

    old: int | None
    new: int | None
    before: int
    after: int
    gained: int
    lost: int


@dataclass(frozen=True)
class SectionChange:
    """What a revision changed in one section. `gained` and `lost` are ids of comments."""

    old: SectionDocument
    new: SectionDocument
    gained: tuple[int, ...]
    lost: tuple[int, ...]
    points: tuple[PointChange, ...]

    @property
    def took_away(self) -> bool:
        """Whether a comment is no longer behind it, or may no longer be read."""
        return bool(self.lost) or self.new.counts.published < self.old.counts.published


def changes(old: SectionDocument, new: SectionDocument) -> SectionChange:
    """Which comments came and went, and what became of each point."""
    before, after = old.placed(), new.placed()
    return SectionChange(
        old,
        new,
        tuple(sorted(after - before)),
        tuple(sorted(before - after)),
        tuple(_point_changes(old.points, new.points)),
    )


def _point_changes(old: Sequence[Point], new: Sequence[Point]) -> list[PointChange]:
    """Each point with the earlier one that shares most comments with it; the unchanged left out."""
    homes = {id: place for place, point in enumerate(old) for id in point.comments}
    taken: dict[int, int] = {}
    for place, point in enumerate(new):
        shared: dict[int, int] = {}
        for id in point.comments:
            if id in homes:
                shared[homes[id]] = shared.get(homes[id], 0) + 1
        best = max(shared, key=lambda home: (shared[home], -home), default=None)
        if best is not None and best not in taken.values():
            taken[place] = best
    found = [_change(old, new, taken.get(place), place) for place in range(len(new))]
    found += [_change(old, new, p, None) for p in range(len(old)) if p not in taken.values()]
    return [c for c in found if c.gained or c.lost]


def _change(
    old: Sequence[Point], new: Sequence[Point], home: int | None, place: int | None
) -> PointChange:
    before = set(old[home].comments) if home is not None else set()
    after = set(new[place].comments) if place is not None else set()
    return PointChange(
        home, place, len(before), len(after), len(after - before), len(before - after)
    )


def grown(
    before: Mapping[int, SectionDocument], after: Mapping[int, SectionDocument], most: int = 5
) -> list[tuple[int, int, int]]:
    """The measures whose number of comments grew most: id, number before, number after."""
    sizes = [
        (id, before[id].counts.received if id in before else 0, document.counts.received)
        for id, document in after.items()
    ]
    rising = [size for size in sizes if size[2] > size[1]]
    return sorted(rising, key=lambda size: (size[1] - size[2], size[0]))[:most]


def longest_waiting(documents: Mapping[int, SectionDocument]) -> tuple[int, str] | None:
    """The measure with the comment that waits longest, and when that comment came."""
    waiting = [(d.oldest_waiting, id) for id, d in documents.items() if d.oldest_waiting]
    return min(((id, since) for since, id in sorted(waiting)[:1]), default=None)

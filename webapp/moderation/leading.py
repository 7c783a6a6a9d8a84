"""Which wording leads which: a rule that depends on the wordings alone, never on who came first.

Wordings are taken in the order of their fingerprints. Each follows the first leader it is like,
and leads where it is like none. So all that follow one leader are like it, and no chain of small
steps joins texts that are not alike. This module keeps that true while wordings come and go, by
looking again only at those whose leader can have changed (docs/decisions/0016).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from typing import Protocol


class Wordings(Protocol):
    """Those that have been placed, and what is asked about them. A wording is its fingerprint."""

    def leader_of(self, wording: str) -> str | None: ...
    def set_leader(self, wording: str, leader: str) -> None: ...
    def followers_of(self, leader: str) -> Sequence[str]:
        """Those it leads, without itself."""

    def first_leader_like(self, wording: str) -> str | None:
        """The first leader before it in the order that it is like."""

    def later_ones_like(self, wording: str) -> Iterable[str]:
        """Those behind it in the order that are like it, and whose leader stands behind it too."""


def place(wordings: Wordings, new: Iterable[str]) -> dict[str, str | None]:
    """Give each new wording its leader; the wordings whose leader changed, with the one before."""
    pending = list(new)
    heapq.heapify(pending)
    changed: dict[str, str | None] = {}
    last = ""
    while pending:
        wording = heapq.heappop(pending)
        if wording == last:
            continue
        last = wording
        before = wordings.leader_of(wording)
        leader = wordings.first_leader_like(wording) or wording
        if leader == before:
            continue
        changed.setdefault(wording, before)
        wordings.set_leader(wording, leader)
        # Both kinds stand behind this one in the order, so nothing is looked at for good too early.
        if leader == wording:
            moved = wordings.later_ones_like(wording)
        else:
            moved = wordings.followers_of(wording) if before == wording else ()
        for one in moved:
            heapq.heappush(pending, one)
    return changed

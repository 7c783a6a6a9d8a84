"""Who leads whom depends on the wordings that are there, whatever the order they came in."""

from __future__ import annotations

import random
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from webapp.moderation.leading import place


class Drawer:
    """Wordings in memory: points on a line, alike when they are at most two apart."""

    def __init__(self, places: dict[str, int]) -> None:
        self.places = places
        self.leaders: dict[str, str] = {}

    def like(self, one: str, other: str) -> bool:
        return abs(self.places[one] - self.places[other]) <= 2

    def leader_of(self, wording: str) -> str | None:
        return self.leaders.get(wording)

    def set_leader(self, wording: str, leader: str) -> None:
        self.leaders[wording] = leader

    def followers_of(self, leader: str) -> list[str]:
        return [one for one, led_by in self.leaders.items() if led_by == leader != one]

    def first_leader_like(self, wording: str) -> str | None:
        leaders = sorted(one for one, led_by in self.leaders.items() if one == led_by)
        return next((one for one in leaders if one < wording and self.like(one, wording)), None)

    def later_ones_like(self, wording: str) -> Iterable[str]:
        behind = [one for one, led_by in self.leaders.items() if min(one, led_by) > wording]
        return [one for one in behind if self.like(one, wording)]

    def remove(self, wording: str) -> list[str]:
        """Take one out; those it led, who have no leader then."""
        del self.leaders[wording]
        orphans = [one for one, led_by in self.leaders.items() if led_by == wording]
        for one in orphans:
            del self.leaders[one]
        return orphans


def by_the_rule(places: dict[str, int]) -> dict[str, str]:
    """The rule as it is told: in the order of the names, all at once."""
    drawer = Drawer(places)
    for wording in sorted(places):
        drawer.leaders[wording] = drawer.first_leader_like(wording) or wording
    return drawer.leaders


crowds = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3), st.integers(0, 30), min_size=1, max_size=25
)


@given(crowds, st.randoms(use_true_random=False), st.integers(1, 5))
def test_any_order_of_arrival_and_any_batch_gives_the_same_leaders(
    places: dict[str, int], chance: random.Random, at_once: int
) -> None:
    arriving = list(places)
    chance.shuffle(arriving)
    drawer = Drawer(places)
    for start in range(0, len(arriving), at_once):
        place(drawer, arriving[start : start + at_once])

    assert drawer.leaders == by_the_rule(places)


@given(crowds, crowds, st.randoms(use_true_random=False))
def test_who_came_and_went_leaves_no_trace(
    staying: dict[str, int], passing: dict[str, int], chance: random.Random
) -> None:
    passing = {wording: at for wording, at in passing.items() if wording not in staying}
    arriving = [*staying, *passing]
    chance.shuffle(arriving)
    drawer = Drawer({**staying, **passing})
    for wording in arriving:
        place(drawer, [wording])
    for wording in passing:
        place(drawer, drawer.remove(wording))

    assert drawer.leaders == by_the_rule(staying)


@given(crowds)
def test_all_that_follow_a_leader_are_like_it(places: dict[str, int]) -> None:
    drawer = Drawer(places)
    place(drawer, places)

    assert all(drawer.like(one, leader) for one, leader in drawer.leaders.items())


def test_small_steps_do_not_join_what_is_not_alike() -> None:
    chain = {f"{number:02d}": 2 * number for number in range(20)}
    drawer = Drawer(chain)
    place(drawer, chain)

    assert max(len(drawer.followers_of(one)) for one in chain) <= 2


def test_a_change_is_told_with_the_leader_before() -> None:
    drawer = Drawer({"b": 0, "c": 1, "a": 2})
    first = place(drawer, ["b", "c"])
    second = place(drawer, ["a"])

    assert first == {"b": None, "c": None}
    assert second == {"a": None, "b": "b", "c": "b"}

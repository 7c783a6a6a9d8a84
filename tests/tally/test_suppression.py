"""No hidden number of a breakdown can be worked out, even by someone who knows the rule."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

from webapp.tally.rules import Group, protected, tally


def test_small_numbers_are_hidden_and_so_is_a_neighbour_that_would_tell() -> None:
    assert protected({"ja": 40, "en": 2, "other": 7}) == {"ja": 40, "en": None, "other": None}
    assert protected({"ja": 40, "en": 5}) == {"ja": 40, "en": 5}
    assert protected({"ja": 40, "en": 0}) == {"ja": 40, "en": 0}
    assert protected({"a": 9, "b": 1, "c": 2}) == {"a": 9, "b": None, "c": None}
    assert protected({"a": 9, "b": 1, "c": 1}) == {"a": None, "b": None, "c": None}


def test_a_breakdown_that_cannot_be_guarded_is_not_shown() -> None:
    assert protected({"ja": 2}) is None
    assert protected({"ja": 1, "en": 1}) is None
    assert protected({}) == {}


def test_whoever_knows_the_rule_and_the_sum_cannot_tell_any_hidden_number() -> None:
    alike: dict[object, list[tuple[int, ...]]] = defaultdict(list)
    for numbers in product(range(12), repeat=3):
        shown = protected(dict(zip("abc", numbers, strict=True)))
        if shown is not None:
            alike[sum(numbers), tuple(shown.values())].append(numbers)
    hidden = 0
    for (_sum, shown_numbers), worlds in alike.items():  # type: ignore[misc]
        for place, number in enumerate(shown_numbers):
            if number is None and max(map(max, worlds)) < 11:
                hidden += 1

                assert len({world[place] for world in worlds}) > 1, (shown_numbers, worlds)
    assert hidden > 50


def test_what_was_withdrawn_counts_as_withdrawn_only_and_times_are_nearest_ranks() -> None:
    groups = [
        Group("1-1", "ja", "web", "published", "counts", None, 4),
        Group("1-1", "ja", "web", "withheld", "counts", "abuse", 2),
        Group("1-2", "en", "fax", "withdrawn", "counts", None, 1),
        Group("1-2", "en", "fax", "waiting", "undecided", None, 3),
    ]
    counted = tally(groups, [10, 20, 30, 40, 50, 60, 70, 80, 90, 1000])

    assert counted.received == 10
    assert counted.publications == {"published": 4, "withheld": 2, "withdrawn": 1, "waiting": 3}
    assert counted.treatments == {"counts": 6}
    assert counted.reasons == {"abuse": 2}
    assert (counted.median_seconds, counted.ninetieth_seconds) == (50, 90)

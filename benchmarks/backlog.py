"""A submission while very many comments wait for a moderator, against one while none does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from statistics import median, quantiles

from benchmarks.filling import MEASURES
from benchmarks.load import load
from benchmarks.serving import granian
from benchmarks.submissions import address, opened_form_keys, send

WAITING = 200_000
ROUNDS = 6
PER_ROUND = 500


def compare(settings: dict[str, str], empty: str, full: str) -> dict[str, tuple[float, float]]:
    """Median and 99th percentile in milliseconds, on both databases in turn, two at a time."""
    taken: dict[str, list[float]] = {"empty": [], "full": []}
    with (
        granian("wsgi:app", path="/healthz", **_with(settings, empty)) as on_empty,
        granian("wsgi:app", path="/healthz", **_with(settings, full)) as on_full,
    ):
        ports = {"empty": on_empty, "full": on_full}
        forms = {name: _forms(settings["SECRET_KEY"]) for name in ports}
        for number in range(ROUNDS + 1):
            for name in sorted(ports, reverse=bool(number % 2)):
                some = islice(forms[name], PER_ROUND)
                found = load(ports[name], some, connections=2, seconds=60)
                assert set(found.statuses) == {200}, found.statuses
                if number:  # the first round warms both
                    taken[name] += found.taken
    return {name: (median(all_of), quantiles(all_of, n=100)[98]) for name, all_of in taken.items()}


def _with(settings: dict[str, str], url: str) -> dict[str, str]:
    return {**settings, "DATABASE_URL": url, "TRUSTED_PROXIES": "1"}


def _forms(secret_key: str) -> Iterator[bytes]:
    for number, key in enumerate(opened_form_keys(secret_key, (ROUNDS + 1) * PER_ROUND)):
        yield send(MEASURES[number % len(MEASURES)], key, address(number))

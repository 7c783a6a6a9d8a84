"""The measure page with 100 published comments, against Flask's hello world on the same server."""

from __future__ import annotations

from itertools import repeat
from statistics import median

from benchmarks.load import Measured, get, load
from benchmarks.serving import granian

PAGE = "/ja/stages/5th/measures/1-1"
ROUNDS = 3
SECONDS = 4.0


def compare(settings: dict[str, str]) -> dict[str, list[Measured]]:
    """Measure both in turn, so that a machine that slows down slows both."""
    found: dict[str, list[Measured]] = {"hello": [], "page": [], "form": []}
    with (
        granian("benchmarks.hello:app") as hello,
        granian("wsgi:app", path="/healthz", **settings) as site,
    ):
        for _ in range(ROUNDS):
            for name, port, path in (
                ("hello", hello, "/"),
                ("page", site, PAGE),
                ("form", site, PAGE + "/comment"),
            ):
                requests = repeat(get(path))
                found[name].append(load(port, requests, connections=16, seconds=SECONDS))
    return found


def rate(measured: list[Measured]) -> float:
    return median(one.rate for one in measured)


def p50(measured: list[Measured]) -> float:
    return median(one.p50 for one in measured)


def p99(measured: list[Measured]) -> float:
    return median(one.p99 for one in measured)

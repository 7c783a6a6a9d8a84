"""What honest authors see while one source sends a hundred comments a second."""

from __future__ import annotations

import html
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlencode

from altcha import Challenge, Payload, solve_challenge

from benchmarks.filling import TEXT
from benchmarks.serving import granian
from benchmarks.submissions import form_of, opened_form_keys

SECONDS = 130
"""Long enough for more than 3,000 honest authors: with fewer, no share above 99.9 % can be told."""
PER_SECOND = 100
LEAD = 3
"""Seconds of flood before the first honest author: the burst is on, the limits are reached."""
SOURCE = "192.0.2.66"
SLOW_WAY_SECONDS = 5
READING = 2.1
"""Seconds that an author has the form open; shorter than people take."""


@dataclass
class Seen:
    """What a kind of author saw: how many came through, and how long each answer took, in ms."""

    authors: int = 0
    accepted: int = 0
    asked: int = 0
    taken: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True)
class Kind:
    """Authors who do alike: on which measure, how many a second, and what their browser can."""

    measure: str
    per_second: float
    has_script: bool


KINDS = {
    "same measure, with JavaScript": Kind("1-1", 0.5, True),
    "same measure, without JavaScript": Kind("1-1", 2, False),
    "other measures": Kind("elsewhere", 24, False),
}


def honest(found: dict[str, Seen]) -> Seen:
    """What all honest authors saw together."""
    together = Seen()
    for name in KINDS:
        seen = found[name]
        together.authors += seen.authors
        together.accepted += seen.accepted
        together.asked += seen.asked
        together.taken += seen.taken
        together.statuses += seen.statuses
    return together


def watch(settings: dict[str, str], workers: int = 4) -> dict[str, Seen]:
    """Run flood and authors side by side; the flood is "the source"."""
    found = {name: Seen() for name in ("the source", *KINDS)}
    lock = threading.Lock()
    with (
        granian(
            "wsgi:app",
            workers=workers,
            path="/healthz",
            TRUSTED_PROXIES="1",
            SLOW_WAY_SECONDS=str(SLOW_WAY_SECONDS),
            **settings,
        ) as port,
        ThreadPoolExecutor(8) as flood,
        ThreadPoolExecutor(120) as town,
    ):
        keys = iter(opened_form_keys(settings["SECRET_KEY"], SECONDS * PER_SECOND))
        start = time.perf_counter()

        def attack() -> None:
            visitor = Visitor(port, SOURCE)
            status, _page = visitor.post(form_of("1-1"), _typed(next(keys), "send"))
            with lock:
                _note(found["the source"], visitor, status == 200)

        def comment(name: str, kind: Kind, number: int) -> None:
            address = f"10.{list(KINDS).index(name)}.{number // 250}.{number % 250}"
            visitor = Visitor(port, address)
            elsewhere = f"{2 + number // 30 % 9}-{number % 30 + 1}"
            measure = elsewhere if kind.measure == "elsewhere" else kind.measure
            try:
                accepted, asked = visitor.comment(measure, kind.has_script)
            except OSError:  # no answer at all is no comment taken
                accepted, asked = False, False
            with lock:
                _note(found[name], visitor, accepted)
                found[name].asked += asked

        def steadily(per_second: float, seconds: float, after: float, do: Callable[..., None]):
            for number in range(int(per_second * seconds)):
                pause = start + after + number / per_second - time.perf_counter()
                time.sleep(max(0.0, pause))
                yield do, number

        def run_flood() -> None:
            for do, _number in steadily(PER_SECOND, SECONDS, 0, attack):
                flood.submit(do)

        def run_town(name: str, kind: Kind) -> None:
            for do, number in steadily(kind.per_second, SECONDS - LEAD, LEAD, comment):
                town.submit(do, name, kind, number)

        threads = [threading.Thread(target=run_flood)]
        threads += [threading.Thread(target=run_town, args=pair) for pair in KINDS.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        flood.shutdown()
        town.shutdown()
    return found


class Visitor:
    """One person, or the source, behind the city's reverse proxy; notes what each answer took."""

    def __init__(self, port: int, address: str) -> None:
        self._port = port
        self._address = address
        self.taken: list[float] = []
        self.statuses: Counter[int] = Counter()

    def comment(self, measure: str, has_script: bool) -> tuple[bool, bool]:
        """Open, read, check, send; do or wait what is asked. Whether it came in, and was asked."""
        path = form_of(measure)
        _status, page = self._ask("GET", path)
        key = _value(page, "form_key")
        time.sleep(READING)
        _status, page = self.post(path, _typed(key, "confirm"))
        asked = False
        for _attempt in range(3):
            made = self._make(page, has_script) if "data-challenge" in page else {}
            asked = asked or bool(made)
            status, page = self.post(path, {**_typed(key, "send"), **made})
            if status == 200:
                return True, asked
            if status != 429:
                return False, asked
        return False, asked

    def post(self, path: str, typed: dict[str, str]) -> tuple[int, str]:
        return self._ask("POST", path, urlencode(typed))

    def _make(self, page: str, has_script: bool) -> dict[str, str]:
        if not has_script:
            time.sleep(SLOW_WAY_SECONDS + 0.1)
            return {"patience": _value(page, "patience")}
        found = re.search(r'data-challenge="([^"]+)"', page)
        assert found is not None
        challenge = Challenge.from_dict(json.loads(html.unescape(found[1])))
        solution = solve_challenge(challenge)
        assert solution is not None
        return {"effort": Payload(challenge, solution).to_base64()}

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        headers = {
            "X-Forwarded-For": self._address,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        began = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
        self.taken.append((time.perf_counter() - began) * 1000)
        self.statuses[answer.status] += 1
        return answer.status, page


def _note(seen: Seen, visitor: Visitor, accepted: bool) -> None:
    seen.authors += 1
    seen.accepted += accepted
    seen.taken += visitor.taken
    seen.statuses += visitor.statuses


def _typed(form_key: str, step: str) -> dict[str, str]:
    return {"text": TEXT, "language": "ja", "form_key": form_key, "step": step}


def _value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]+)"', page)
    assert found is not None, page[:2000]
    return found[1]

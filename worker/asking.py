"""Asking a machine elsewhere over HTTP. What it answers is untrusted; its troubles have names."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

LARGEST_ANSWER = 512 * 1024
"""Bytes; a translation of the longest comment is a tenth of that."""


class ProviderTrouble(Exception):
    """The provider takes nothing now, whatever is sent; `asked` is how long it wants peace."""

    def __init__(self, what: str, asked: timedelta | None = None) -> None:
        super().__init__(what)
        self.asked = asked


class TextTrouble(Exception):
    """This text was not translated. It is `doubtful` when it may be the provider's fault."""

    def __init__(self, what: str, *, doubtful: bool = False) -> None:
        super().__init__(what)
        self.doubtful = doubtful


@dataclass(frozen=True)
class Endpoint:
    """Where an interface begins, and how it is asked. One answer may take `seconds`."""

    url: str
    key: str
    model: str
    seconds: float


def chat(endpoint: Endpoint, orders: str, words: str) -> object:
    """What a model says to `words` under these orders, still untrusted.

    POST /chat/completions, as many providers offer it:
    https://platform.openai.com/docs/api-reference/chat. Raises ProviderTrouble and TextTrouble.
    """
    asked = {
        "model": endpoint.model,
        "temperature": 0,
        "messages": [
            {"role": "system", "content": orders},
            {"role": "user", "content": words},
        ],
    }
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    answer = post(endpoint, f"{endpoint.url}/chat/completions", asked, headers)
    if found(answer, "choices", 0, "finish_reason", default="stop") not in ("stop", None):
        raise TextTrouble("the answer is not whole")
    return found(answer, "choices", 0, "message", "content")


_MISSING = object()


def found(answer: Any, *path: str | int, default: object = _MISSING) -> object:
    """What stands at this place of an answer; nonsense is whoever's fault."""
    for step in path:
        try:
            answer = answer[step]
        except (KeyError, IndexError, TypeError):
            if default is not _MISSING:
                return default
            raise TextTrouble(
                f"the answer has no {'.'.join(map(str, path))}", doubtful=True
            ) from None
    return answer


def post(
    endpoint: Endpoint, url: str, asked: Mapping[str, object], headers: Mapping[str, str]
) -> object:
    """The answer as JSON. Follows nobody elsewhere, reads no more than is fit, waits no longer."""
    try:
        status, wait, body = _sent(endpoint, url, asked, headers)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise ProviderTrouble("cannot be reached") from None
    except httpx.TimeoutException:
        raise TextTrouble("no answer in time", doubtful=True) from None
    except httpx.HTTPError as error:
        raise TextTrouble(f"broken off: {type(error).__name__}", doubtful=True) from None
    if status != httpx.codes.OK:
        raise _trouble(status, wait)
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise TextTrouble("the answer is no JSON", doubtful=True) from None


def _sent(
    endpoint: Endpoint, url: str, asked: Mapping[str, object], headers: Mapping[str, str]
) -> tuple[int, str, bytes]:
    ends = time.monotonic() + endpoint.seconds
    body = bytearray()
    with httpx.stream(
        "POST", url, json=asked, headers=dict(headers), timeout=endpoint.seconds
    ) as answer:
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > LARGEST_ANSWER:
                raise TextTrouble("the answer is too long")
            if time.monotonic() > ends:
                raise TextTrouble("no answer in time", doubtful=True)
        return answer.status_code, answer.headers.get("Retry-After", ""), bytes(body)


TEXTS_FAULT = (400, 413, 414, 422)
NOBODYS_OR_BOTH = (500, 502, 504)


def _trouble(status: int, wait: str) -> Exception:
    """429: too many requests. 456: DeepL's quota is spent. 401 and 403: the key is not taken."""
    if status in TEXTS_FAULT:
        return TextTrouble(f"HTTP {status}")
    if status in NOBODYS_OR_BOTH:
        return TextTrouble(f"HTTP {status}", doubtful=True)
    asked = timedelta(seconds=int(wait)) if wait.isascii() and wait.isdigit() else None
    return ProviderTrouble(f"HTTP {status}", asked)

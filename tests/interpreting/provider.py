"""A machine that translates, as a real HTTP server of our own: it answers what it is told to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What it answers once. `slow` is how many seconds it waits before it does."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    slow: float = 0


def in_shape(provider: str, text: object) -> Answer:
    """A translation as each interface words it."""
    shapes: dict[str, object] = {
        "libretranslate": {"translatedText": text},
        "deepl": {"translations": [{"detected_source_language": "JA", "text": text}]},
        "openai": {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]},
    }
    return Answer(body=json.dumps(shapes[provider]).encode())


@dataclass
class Provider:
    """What came in, and what is to be answered next; after that a `reply` to it, or `always`."""

    url: str = ""
    always: Answer = field(default_factory=Answer)
    reply: Callable[[Any], Answer] | None = None
    script: list[Answer] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    def take(self, handler: BaseHTTPRequestHandler) -> Answer:
        raw = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        self.paths.append(handler.path)
        self.headers.append({k.lower(): v for k, v in handler.headers.items()})
        self.raw.append(raw)
        self.asked.append(json.loads(raw))
        if self.script:
            return self.script.pop(0)
        return self.reply(self.asked[-1]) if self.reply else self.always


@contextmanager
def running(provider: str) -> Iterator[Provider]:
    """A server that takes part in the interface of this provider."""
    desk = Provider(always=in_shape(provider, "A translation."))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = desk.take(self)
            time.sleep(answer.slow)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            try:
                self.wfile.write(answer.body)
            except OSError:  # who asked has gone
                pass

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        desk.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield desk
        finally:
            server.shutdown()
            thread.join()

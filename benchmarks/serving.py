"""Starts what is measured: granian with the same settings for the site and for the reference."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from tests.parts import free_port, wait_until

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent


@contextmanager
def granian(target: str, workers: int = 1, path: str = "/", **settings: str) -> Iterator[int]:
    """Serve `module:app` on a free port of this machine; yields the port."""
    port = free_port()
    server = subprocess.Popen(
        [
            BIN / "granian",
            *("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
            *("--workers", str(workers), "--blocking-threads", "4", "--no-ws"),
            *("--log-level", "error", target),
        ],
        cwd=ROOT,
        env={**os.environ, **settings},
    )
    try:
        wait_until(lambda: _answers(port, path), what=target)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def _answers(port: int, path: str) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return bool(answer.status < 400)
    except OSError:
        return False

"""A load of many connections from one process, light enough not to be what is measured."""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median, quantiles

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass
class Measured:
    """One load: requests per second, latencies in milliseconds, answers by status."""

    rate: float
    p50: float
    p99: float
    statuses: dict[int, int]
    taken: list[float]
    """Every latency, in milliseconds."""


@dataclass
class _Line:
    """One connection: what it still waits for."""

    socket: socket.socket
    began: float = 0.0
    received: bytes = b""
    wanted: int = 0


def load(port: int, requests: Iterator[bytes], *, connections: int, seconds: float) -> Measured:
    """Send requests over so many connections for so long, each as soon as the last was answered.

    Traffic goes to this machine only. Ends early when `requests` is used up.
    """
    selector = selectors.DefaultSelector()
    lines = [_Line(socket.create_connection(("127.0.0.1", port))) for _ in range(connections)]
    taken: list[float] = []
    statuses: dict[int, int] = {}
    busy = 0
    for line in lines:
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(line.socket, selectors.EVENT_READ, line)
        busy += _send_next(line, requests)
    start = time.perf_counter()
    end = start + seconds
    while busy:
        for key, _ in selector.select(1.0):
            line = key.data
            chunk = line.socket.recv(262_144)
            if not chunk:
                raise ConnectionError("the server hung up")
            line.received = line.received + chunk if line.received else chunk
            if not _is_whole(line):
                continue
            now = time.perf_counter()
            taken.append(now - line.began)
            status = int(line.received[9:12])
            statuses[status] = statuses.get(status, 0) + 1
            busy -= 1
            if now < end:
                busy += _send_next(line, requests)
    elapsed = time.perf_counter() - start
    for line in lines:
        line.socket.close()
    selector.close()
    return Measured(
        rate=len(taken) / elapsed,
        p50=median(taken) * 1000,
        p99=quantiles(taken, n=100)[98] * 1000,
        statuses=statuses,
        taken=[one * 1000 for one in taken],
    )


def _send_next(line: _Line, requests: Iterator[bytes]) -> int:
    request = next(requests, None)
    if request is None:
        return 0
    line.began, line.received, line.wanted = time.perf_counter(), b"", 0
    line.socket.sendall(request)
    return 1


def _is_whole(line: _Line) -> bool:
    if not line.wanted:
        head, found, _ = line.received.partition(b"\r\n\r\n")
        if not found:
            return False
        length = _LENGTH.search(head)
        line.wanted = len(head) + 4 + (int(length[1]) if length else 0)
    return len(line.received) >= line.wanted


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def post(path: str, body: bytes, address: str) -> bytes:
    """A form sent by a citizen at this address, as the city's reverse proxy passes it on."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {address}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body

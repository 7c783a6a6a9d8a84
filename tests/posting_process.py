"""A process that posts letters and is killed while it does, again and again.

It loads the house once. For each line of seconds on its input it forks a worker that sends all that
is owed, and kills it after so long; an empty line lets one end by itself. It kills its own child
before it waits for it, so no other process can have taken the number.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


class PostingProcess:
    """The process, seen from the test."""

    def __init__(self, **settings: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.posting_process"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._hear()

    def run(self, seconds: float | None = None) -> bool:
        """Let a worker send, and kill it after so long; whether it was killed before its end."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n" if seconds is None else f"{seconds}\n")
        self._process.stdin.flush()
        return self._hear() == "killed"

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def posting_process(**settings: str) -> Iterator[PostingProcess]:
    made = PostingProcess(**settings)
    try:
        yield made
    finally:
        made.end()


def main() -> None:
    from flask import current_app

    from webapp.app import create_app
    from webapp.db import db
    from webapp.mail import mailer_of
    from webapp.sealing import Sealer
    from worker.posting import send_all

    app = create_app()
    say("ready")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            with app.app_context():
                sealer = Sealer(current_app.config["IDENTITY_KEYS"])
                send_all(db.session(), mailer_of(current_app), sealer)
            os._exit(0)
        if line.strip():
            time.sleep(float(line))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        say("killed" if os.WIFSIGNALED(status) else "ended")


def say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

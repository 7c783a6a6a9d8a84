"""The bell of one machine: Celery's wake-ups as files in a folder, each rung whole or not at all.

Kombu's filesystem transport creates a message's file and then writes into it. A worker that looks
in between takes an empty file, cannot read it and ends (celery/kombu issue 1551). Here a message
is written beside its place and moved there, which the file system does in one step.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

Result = TypeVar("Result")
TRIES = 40
PAUSE = 0.05
"""Seconds between two looks at a table of queues that another process is just creating."""


class Channel(filesystem.Channel):
    """Kombu's channel, with messages that appear whole."""

    # Kombu's own two levels call the second argument differently, so no signature fits both.
    def _put(self, queue: str, payload: object, **_kwargs: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        unfinished = folder / f"{name}.unfinished"
        unfinished.write_text(dumps(payload), encoding="utf-8")
        unfinished.replace(folder / name)

    def get_table(self, exchange: str) -> Any:
        look: Any = super().get_table  # kombu has no types
        return _patiently(lambda: look(exchange))

    def _queue_bind(self, *args: Any) -> None:
        bind: Any = super()._queue_bind
        _patiently(lambda: bind(*args))


class Transport(filesystem.Transport):
    """Kombu's transport over our channel."""

    Channel = Channel


def _patiently(look: Callable[[], Result]) -> Result:
    """Look again while another process is writing what is looked at."""
    for _ in range(TRIES - 1):
        try:
            return look()
        except ValueError:
            time.sleep(PAUSE)
    return look()


def hang_up() -> None:
    """Let `filesystem://` mean this bell, for every Celery of this process."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"

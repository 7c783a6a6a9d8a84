"""The database as the house opens it."""

from __future__ import annotations

import shutil
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from webapp.db import db


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "tomakoe.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


def test_a_session_keeps_to_one_engine_when_two_threads_are_the_first_to_write(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two engines in one session are two connections, and one waits for the other's write lock."""
    both, found = threading.Barrier(2), []
    options = Engine.execution_options

    def wait_for_the_other(engine: Engine, **marks: Any) -> Engine:
        with suppress(threading.BrokenBarrierError):
            both.wait(timeout=5)
        return options(engine, **marks)

    monkeypatch.setattr(Engine, "execution_options", wait_for_the_other)

    def ask_twice() -> None:
        with app.app_context():
            first = db.session().get_bind()
            both.wait(timeout=5)
            found.append((first, db.session().get_bind()))

    threads = [threading.Thread(target=ask_twice) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 2
    assert all(first is second for first, second in found)

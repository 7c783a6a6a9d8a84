"""A picture has the words of a page: no database writes them otherwise, so SQLite is enough."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "tomakoe.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"

"""The audit of the house needs one database, whichever it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "tomakoe.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"

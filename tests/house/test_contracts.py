"""The directions of the house, as `pyproject.toml` names them, hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_import_contract_is_kept() -> None:
    found = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, found.stdout
    assert "5 kept, 0 broken" in found.stdout


def test_importing_the_site_loads_nothing_of_the_worker() -> None:
    loaded = "import sys, webapp.app; print(sorted(m.split('.')[0] for m in sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "'flask'" in found.stdout
    assert not {"'celery'", "'sudachipy'", "'worker'"} & set(found.stdout.strip("[]\n").split(", "))


def test_importing_webapp_itself_loads_nothing() -> None:
    loaded = (
        "import sys; before = set(sys.modules); import webapp; print(set(sys.modules) - before)"
    )
    found = subprocess.run(
        [sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert found.stdout.strip() == "{'webapp'}"


def test_no_room_is_called_after_nothing() -> None:
    names = {path.stem for folder in ("webapp", "worker") for path in (ROOT / folder).rglob("*")}

    assert not names & {"util", "utils", "helper", "helpers", "common", "misc"}

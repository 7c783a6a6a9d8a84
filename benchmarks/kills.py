"""The worker that sends the weekly letters, killed thousands of times: `make kills`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.fernet import Fernet
from rich.console import Console
from rich.table import Table

from benchmarks.weekly import world
from tests import build
from tests.reports.killing import Outcome, kill_while_sending, owe_report, subscribe_many
from webapp.citytime import Week

KILLS = 2_000
PER_KILL = 5
"""Letters owed for each kill, so that the last one still finds the worker at it."""


def kill(folder: Path, settings: dict[str, str], kills: int = KILLS, seed: int = 7) -> Outcome:
    """Kill the worker so often over an empty week's letters, at moments drawn with this seed."""
    week = Week.of(datetime.now(UTC) - timedelta(days=7))
    letters = kills * PER_KILL
    with world(folder, settings, week) as (session, stage):
        subscribe_many(session, stage.id, letters, week.starts_at)
        owe_report(session, stage.id, week)
        return kill_while_sending(session, letters, kills, seed, **settings)


def report(table: Table, outcome: Outcome) -> None:
    """What became of the letters, as rows of a table of two columns."""
    table.add_row("kills of the sending worker", f"{outcome.kills:,}")
    table.add_row("of these, after its first letter", f"{outcome.among_letters:,}")
    table.add_row("letters owed", f"{outcome.letters:,}")
    table.add_row("letters lost", str(len(outcome.lost)))
    table.add_row("letters doubled", str(len(outcome.doubled)))
    table.add_row("letters shown as in doubt", str(len(outcome.unknown)))
    table.add_row("of those in doubt, arrived", str(len(outcome.unknown & set(outcome.received))))


def main() -> None:
    asked = argparse.ArgumentParser(prog="benchmarks.kills", description=__doc__)
    asked.add_argument("kills", type=int, nargs="?", default=KILLS)
    asked.add_argument("--seed", type=int, default=7, help="other moments with another seed")
    wanted = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="tomakoe-kills-") as name:
        settings = {
            "SECRET_KEY": build.SECRET_KEY,
            "IDENTITY_KEYS": Fernet.generate_key().decode(),
            "INSTANCE": name,
            "DATABASE_URL": f"sqlite:///{Path(name) / 'kills.sqlite'}",
        }
        outcome = kill(Path(name), settings, wanted.kills, wanted.seed)
    table = Table("what", "number", title=f"Killed while sending, seed {wanted.seed}, SQLite")
    report(table, outcome)
    Console(width=100).print(table)
    sys.exit(bool(outcome.lost or outcome.doubled))


if __name__ == "__main__":
    main()

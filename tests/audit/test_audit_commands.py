"""`flask audit` seals, prints the head, and names what does not hold."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

Trail = Callable[[int], None]


def test_a_whole_chain_is_said_to_hold_with_its_head(app: Flask, trail: Trail) -> None:
    trail(4)
    head = app.test_cli_runner().invoke(args=["audit", "head"])
    whole = app.test_cli_runner().invoke(args=["audit", "verify"])
    since = app.test_cli_runner().invoke(args=["audit", "verify", "--since", head.output.strip()])

    assert head.output.startswith("4:")
    assert (whole.exit_code, since.exit_code) == (0, 0)
    assert f"The chain holds: 4 entries, head {head.output.strip()}" in whole.output


def test_a_broken_chain_ends_the_command_with_the_first_broken_link(
    app: Flask, session: Session, trail: Trail, owner: Engine
) -> None:
    trail(4)
    with owner.begin() as connection:
        connection.execute(text("UPDATE audit_entries SET actor = 'x' WHERE position = 2"))
    found = app.test_cli_runner().invoke(args=["audit", "verify"])
    japanese = app.test_cli_runner(env={"LANG": "ja_JP.UTF-8"}).invoke(args=["audit", "verify"])

    assert found.exit_code == 1
    assert "Entry No. 2 (row 2) does not follow" in found.output
    assert "2番の記録" in japanese.output


def test_entries_not_sealed_yet_are_named_as_such(
    app: Flask, session: Session, trail: Trail
) -> None:
    trail(2)
    session.execute(
        text(
            "INSERT INTO audit_entries (at, actor, action, subject) "
            "SELECT at, actor, action, subject FROM audit_entries WHERE position = 1"
        )
    )
    session.commit()
    found = app.test_cli_runner().invoke(args=["audit", "verify"])

    assert "The chain holds: 2 entries" in found.output
    assert "1 newer entries are not sealed yet." in found.output


def test_what_is_no_head_is_refused(app: Flask) -> None:
    found = app.test_cli_runner().invoke(args=["audit", "verify", "--since", "12"])

    assert found.exit_code == 2
    assert "A head looks like" in found.output

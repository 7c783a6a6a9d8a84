"""The wake-ups of one machine appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from kombu import Connection

from worker import bell


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    bell.hang_up()
    queue, control = tmp_path / "queue", tmp_path / "control"
    queue.mkdir()
    control.mkdir()
    options = {
        "data_folder_in": str(queue),
        "data_folder_out": str(queue),
        "control_folder": str(control),
    }
    return Connection("filesystem://", transport_options=options)


def test_a_message_cannot_be_taken_while_it_is_being_written(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    dumps = bell.dumps

    def watched(payload: object) -> str:
        seen.append([path.name for path in (tmp_path / "queue").glob("*.msg")])
        return str(dumps(payload))

    monkeypatch.setattr(bell, "dumps", watched)
    with connection:
        queue = connection.SimpleQueue("celery")
        queue.put({"task": "wake up"})
        message = queue.get(timeout=5)
        message.ack()
        queue.close()

    assert seen == [[]]
    assert message.payload == {"task": "wake up"}
    assert list((tmp_path / "queue").iterdir()) == []


def test_a_table_that_is_just_being_created_is_looked_at_again(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "control" / "celery.exchange"
    table.write_bytes(b"")
    monkeypatch.setattr(bell.time, "sleep", lambda _pause: table.write_text("[]"))
    with connection:
        assert connection.default_channel.get_table("celery") == []

"""The trail is a chain: many write, one seals, and whatever is changed later is named."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tests import build
from webapp.audit.models import AuditEntry
from webapp.audit.queries import chain_head, unsealed_entries, verify_chain
from webapp.audit.rules import Break, Fault, Head
from webapp.audit.services import record, seal

Trail = Callable[[int], None]


def first_break(session: Session, since: Head | None = None) -> Break | None:
    session.rollback()
    return next((f for f in verify_chain(session, since) if isinstance(f, Break)), None)


def change(owner: Engine, *statements: str) -> None:
    with owner.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_a_sealed_trail_holds_from_its_first_entry_to_its_head(
    session: Session, trail: Trail
) -> None:
    trail(7)

    assert first_break(session) is None
    assert chain_head(session).position == 7
    assert unsealed_entries(session) == 0


def test_an_entry_is_unsealed_until_the_sealing_comes_by(
    session: Session, trail: Trail, now: datetime
) -> None:
    trail(2)
    record(session, actor="cli", action="programme.loaded", subject="stage:1", now=now)
    session.commit()

    assert unsealed_entries(session) == 1
    assert first_break(session) is None
    assert chain_head(session).position == 2

    assert seal(session) == 1
    assert first_break(session) is None
    assert chain_head(session).position == 3


@pytest.mark.parametrize(
    "tampering",
    [
        "actor = 'staff:2'",
        "action = 'comment.seen'",
        "subject = 'comment:99'",
        "before = NULL",
        "after = 'f'",
        "at = '2020-01-01 00:00:00+00:00'",
        "id = 900",
        "link = 'f'",
    ],
)
def test_a_changed_entry_is_named(
    session: Session, trail: Trail, owner: Engine, tampering: str
) -> None:
    trail(6)
    if owner.dialect.name == "sqlite":
        tampering = tampering.replace("+00:00", ".000000")
    change(owner, f"UPDATE audit_entries SET {tampering} WHERE position = 4")
    found = first_break(session)

    assert found is not None
    assert (found.fault, found.position) == (Fault.BROKEN, 4)


def test_a_removed_entry_is_named(session: Session, trail: Trail, owner: Engine) -> None:
    trail(6)
    change(owner, "DELETE FROM audit_entries WHERE position = 3")

    assert first_break(session) == Break(Fault.MISSING, 3, entry_at(session, 4))


def test_a_removed_entry_whose_gap_was_closed_is_named(
    session: Session, trail: Trail, owner: Engine
) -> None:
    trail(4)
    change(
        owner,
        "DELETE FROM audit_entries WHERE position = 3",
        "UPDATE audit_entries SET position = 3 WHERE position = 4",
        "UPDATE audit_head SET position = 3",
    )

    assert first_break(session) == Break(Fault.BROKEN, 3, entry_at(session, 3))


def test_an_inserted_entry_is_named(session: Session, trail: Trail, owner: Engine) -> None:
    trail(3)
    link = chain_head(session).link
    change(
        owner,
        "UPDATE audit_entries SET position = 4 WHERE position = 3",
        "INSERT INTO audit_entries (id, at, actor, action, subject, position, link) SELECT 90, at, "
        f"'staff:9', 'comment.decided', 'comment:1', 3, '{link}' FROM audit_entries "
        "WHERE position = 2",
    )

    assert first_break(session) == Break(Fault.BROKEN, 3, 90)


def test_entries_that_changed_places_are_named(
    session: Session, trail: Trail, owner: Engine
) -> None:
    trail(5)
    change(
        owner,
        "UPDATE audit_entries SET position = 90 WHERE position = 2",
        "UPDATE audit_entries SET position = 2 WHERE position = 3",
        "UPDATE audit_entries SET position = 3 WHERE position = 90",
    )

    assert first_break(session) == Break(Fault.BROKEN, 2, entry_at(session, 2))


def test_a_tail_that_was_cut_off_is_missed(session: Session, trail: Trail, owner: Engine) -> None:
    trail(6)
    change(owner, "DELETE FROM audit_entries WHERE position > 4")

    assert first_break(session) == Break(Fault.SHORT, 5)


def test_an_entry_put_in_behind_the_head_is_named(
    session: Session, trail: Trail, owner: Engine
) -> None:
    trail(3)
    head = chain_head(session)
    trail(1)
    change(owner, f"UPDATE audit_head SET position = {head.position}, link = '{head.link}'")

    assert first_break(session) == Break(Fault.LONG, 4)


def test_a_chain_made_anew_from_end_to_end_is_known_by_a_noted_head(
    session: Session, trail: Trail, owner: Engine
) -> None:
    trail(5)
    noted = chain_head(session)
    change(
        owner,
        "UPDATE audit_entries SET position = NULL, link = NULL",
        "UPDATE audit_entries SET actor = 'staff:2' WHERE subject = 'comment:1'",
        f"UPDATE audit_head SET position = 0, link = '{Head().link}'",
    )
    while seal(session):
        pass

    assert first_break(session) is None
    assert first_break(session, noted) == Break(Fault.OTHER_THAN_NOTED, 5)


def test_what_came_after_a_noted_head_is_followed_from_there(
    session: Session, trail: Trail, owner: Engine
) -> None:
    trail(3)
    noted = chain_head(session)
    trail(3)

    assert first_break(session, noted) is None

    change(owner, "UPDATE audit_entries SET actor = 'staff:2' WHERE position = 5")

    assert first_break(session, noted) == Break(Fault.BROKEN, 5, entry_at(session, 5))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor = 'staff:2' WHERE position = 2",
        "UPDATE audit_entries SET position = NULL, link = NULL WHERE position = 2",
        "DELETE FROM audit_entries WHERE position = 2",
        "DELETE FROM audit_entries WHERE position IS NULL",
        "UPDATE audit_entries SET actor = 'x', position = 4, link = 'f' WHERE position IS NULL",
    ],
)
def test_the_database_itself_refuses_to_change_or_delete_an_entry(
    session: Session, trail: Trail, now: datetime, statement: str
) -> None:
    trail(3)
    record(session, actor="cli", action="programme.loaded", subject="stage:1", now=now)
    session.commit()

    with pytest.raises(DatabaseError, match="never"):
        session.execute(text(statement))
    session.rollback()

    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 4


def test_two_sealings_at_once_make_one_chain_of_what_many_write(
    session: Session, database_url: str, now: datetime
) -> None:
    """Eight writers, of which some take their time and some take back what they wrote."""
    engine = create_engine(
        database_url, connect_args=build.patience(database_url), pool_size=12, max_overflow=0
    )
    writing = threading.Event()
    faults: list[BaseException] = []

    def guarded(work: Callable[[Session], None]) -> threading.Thread:
        def run() -> None:
            try:
                with Session(engine) as own:
                    work(own)
            except BaseException as fault:
                faults.append(fault)

        return threading.Thread(target=run)

    def write(own: Session) -> None:
        for n in range(25):
            record(own, actor="author", action="comment.submitted", subject=f"c:{n}", now=now)
            own.rollback() if n % 5 == 4 else own.commit()

    def keep_sealing(own: Session) -> None:
        while not writing.is_set():
            seal(own)

    writers = [guarded(write) for _ in range(8)]
    sealers = [guarded(keep_sealing) for _ in range(2)]
    for thread in (*writers, *sealers):
        thread.start()
    for thread in writers:
        thread.join()
    writing.set()
    for thread in sealers:
        thread.join()
    while seal(session):
        pass
    engine.dispose()

    assert faults == []
    assert first_break(session) is None
    assert chain_head(session).position == 8 * 20
    assert unsealed_entries(session) == 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_entry_that_is_committed_late_is_sealed_after_those_written_later(
    session: Session, database_url: str, now: datetime
) -> None:
    """On SQLite it cannot happen: there is one writer at a time."""
    engine = create_engine(database_url)
    with Session(engine) as slow:
        record(slow, actor="author", action="comment.submitted", subject="slow", now=now)
        record(session, actor="author", action="comment.submitted", subject="quick", now=now)
        session.commit()
        seal(session)
        slow.commit()
    seal(session)
    engine.dispose()
    entries = session.scalars(select(AuditEntry.subject).order_by(AuditEntry.position)).all()

    assert entries == ["quick", "slow"]
    assert first_break(session) is None


def entry_at(session: Session, position: int) -> int | None:
    return session.scalar(select(AuditEntry.id).where(AuditEntry.position == position))

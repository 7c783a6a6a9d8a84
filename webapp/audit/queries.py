"""Reading the trail: the chain from end to end, and the entries someone asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVarTuple

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from webapp.audit.models import AuditEntry, AuditHead
from webapp.audit.rules import GENESIS, Break, Fault, Head, compared, walk
from webapp.orm import table_of

PAGE = 50
BATCH = 2_000
Columns = TypeVarTuple("Columns")
_entries = table_of(AuditEntry)


@dataclass(frozen=True)
class Wanted:
    """Which entries are asked for; what is empty asks for all. The times are half-open."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    from_at: datetime | None = None
    to_at: datetime | None = None


EVERYTHING = Wanted()


@dataclass(frozen=True)
class EntryPage:
    """Some entries, newest first; `older` is the key of the page that follows."""

    items: tuple[Row[Any], ...]
    older: int | None


def chain_head(session: Session) -> Head:
    """The head of the chain as it is kept beside it."""
    row = session.execute(select(AuditHead.position, AuditHead.link)).one_or_none()
    return Head(row.position, row.link) if row else Head()


def unsealed_entries(session: Session) -> int:
    """How many entries are not in the chain yet."""
    return session.scalar(select(func.count()).where(_entries.c.position.is_(None))) or 0


def verify_chain(session: Session, since: Head | None = None) -> Iterator[Head | Break]:
    """Follow the chain; yields how far it holds after each batch, and a Break where it does not.

    With `since`, a head that was noted before: whether it is still in the chain, and then only
    what came after it.
    """
    head = since or Head()
    if since is not None and _link_at(session, since.position) != since.link:
        yield Break(Fault.OTHER_THAN_NOTED, since.position)
        return
    while True:
        while rows := _sealed_after(session, head.position):
            for found in walk(head, rows):
                if isinstance(found, Break):
                    yield found
                    return
                head = found
            yield head
        kept, last = _ends(session)
        if head.position < last <= kept.position:
            continue  # it has grown meanwhile
        wrong = compared(head, kept)
        if wrong is not None:
            yield wrong
        return


def _sealed_after(session: Session, position: int) -> Sequence[Row[Any]]:
    rows = session.execute(
        select(_entries)
        .where(_entries.c.position > position)
        .order_by(_entries.c.position)
        .limit(BATCH)
    ).all()
    session.rollback()  # a long walk must not keep SQLite's one writer waiting
    return rows


def _link_at(session: Session, position: int) -> str | None:
    if position == 0:
        return GENESIS
    return session.scalar(select(_entries.c.link).where(_entries.c.position == position))


def _ends(session: Session) -> tuple[Head, int]:
    """The head that is kept and the last position that there is, both of one moment."""
    last = select(func.max(_entries.c.position)).scalar_subquery()
    row = session.execute(select(AuditHead.position, AuditHead.link, last)).one_or_none()
    session.rollback()
    if row is None:
        return Head(), session.scalar(select(func.max(_entries.c.position))) or 0
    return Head(row[0], row[1]), row[2] or 0


def entries_wanted(
    session: Session, wanted: Wanted = EVERYTHING, *, before: int | None = None, size: int = PAGE
) -> EntryPage:
    """Entries that were asked for, newest first, below the key `before`."""
    asked = _only(select(_entries), wanted)
    if before is not None:
        asked = asked.where(_entries.c.id < before)
    rows = session.execute(asked.order_by(_entries.c.id.desc()).limit(size + 1)).all()
    return EntryPage(tuple(rows[:size]), rows[size - 1].id if len(rows) > size else None)


def _only(rows: Select[*Columns], wanted: Wanted) -> Select[*Columns]:
    c = _entries.c
    if wanted.actor:
        rows = rows.where(c.actor == wanted.actor)
    if wanted.action:
        rows = rows.where(c.action == wanted.action)
    if wanted.subject:
        rows = rows.where(c.subject == wanted.subject)
    if wanted.from_at is not None:
        rows = rows.where(c.at >= wanted.from_at)
    if wanted.to_at is not None:
        rows = rows.where(c.at < wanted.to_at)
    return rows

"""Writing the trail: an entry goes with the change it tells of, and is sealed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from webapp.audit.models import AuditEntry, AuditHead
from webapp.audit.rules import Head, digest
from webapp.orm import table_of

BATCH = 500
"""Entries sealed at once: on SQLite, everyone else who writes waits as long."""

_entries = table_of(AuditEntry)
_head = table_of(AuditHead)
_NEW_ENTRY = insert(_entries)
# Read as rows, for a batch is as many as there are. A constant, so that the partial index fits.
_UNSEALED = (
    select(_entries).where(_entries.c.position.is_(None)).order_by(_entries.c.id).limit(BATCH)
)
_SEAL = (
    update(_entries)
    .where(_entries.c.id == bindparam("entry_id"), _entries.c.position.is_(None))
    .values(position=bindparam("place"), link=bindparam("new_link"))
)
_HOLD = update(_head).values(position=_head.c.position).returning(_head.c.position, _head.c.link)
_MOVE = update(_head).values(position=bindparam("place"), link=bindparam("new_link"))


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    subject: str,
    now: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Add one entry inside the caller's transaction. It commits nothing."""
    session.execute(
        _NEW_ENTRY,
        {
            "at": now,
            "actor": actor,
            "action": action,
            "subject": subject,
            "before": digest(before) if before is not None else None,
            "after": digest(after) if after is not None else None,
        },
    )


def seal(session: Session) -> int:
    """Link the entries that were committed since to the chain, at most BATCH; returns how many.

    One at a time seals: the head's row is held meanwhile. Nobody who writes entries needs it.
    """
    head = _held_head(session)
    sealed = []
    for entry in session.execute(_UNSEALED):
        head = head.followed_by(entry)
        sealed.append({"entry_id": entry.id, "place": head.position, "new_link": head.link})
    if not sealed:
        session.rollback()
        return 0
    session.connection().execute(_SEAL, sealed)
    session.execute(_MOVE, {"place": head.position, "new_link": head.link})
    session.commit()
    return len(sealed)


def _held_head(session: Session) -> Head:
    """The head, which nobody else can take until the transaction ends, whatever the database."""
    return Head(*session.execute(_HOLD).one())

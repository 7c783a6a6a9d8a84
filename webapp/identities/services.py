"""Showing an identity with a reason, deleting identities on their day, and changing their key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy import String, cast, delete, literal, select, update
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.citytime import city_day
from webapp.comments.models import Contact, IdentityRow
from webapp.comments.rules import Identity
from webapp.identities.models import IdentityReading
from webapp.identities.queries import comments_of, periods_to_purge
from webapp.identities.rules import NoIdentity, Purged, Unreadable
from webapp.letters.services import forget
from webapp.orm import changed_rows
from webapp.sealing import Sealer

BATCH = 200


def read_identity(
    session: Session,
    comment_id: int,
    *,
    purpose: str,
    staff_id: int,
    sealer: Sealer,
    now: datetime,
) -> Identity:
    """Open the identity behind a comment; that it was read is on record before it is returned.

    Raises NoIdentity, and Unreadable when its key is gone.
    """
    row = session.get(IdentityRow, comment_id)
    if row is None:
        raise NoIdentity
    try:
        identity = Identity.from_text(sealer.open(row.sealed))
    except InvalidToken:
        raise Unreadable from None
    session.add(
        IdentityReading(comment_id=comment_id, staff_id=staff_id, purpose=purpose, read_at=now)
    )
    record(
        session,
        actor=f"staff:{staff_id}",
        action="identity.read",
        subject=f"comment:{comment_id}",
        now=now,
        after={"purpose": purpose},
    )
    session.commit()
    return identity


def purge_due(session: Session, *, now: datetime) -> list[Purged]:
    """Delete identities and e-mail addresses whose day has come; commits after each period.

    Letters still owed to those authors are owed no more, and what mail servers said of the
    addresses is forgotten. Running it again finds nothing left.
    """
    return [
        _purge(session, period_id, now) for period_id in periods_to_purge(session, city_day(now))
    ]


def _purge(session: Session, period_id: int, now: datetime) -> Purged:
    comments = comments_of(period_id)
    purged = Purged(
        period_id,
        identities=changed_rows(
            session.execute(delete(IdentityRow).where(IdentityRow.comment_id.in_(comments)))
        ),
        contacts=changed_rows(
            session.execute(delete(Contact).where(Contact.comment_id.in_(comments)))
        ),
    )
    # After the addresses, whose deletion waits for a letter that is just being set aside.
    forget(session, select(literal("author:") + cast(comments.subquery().c.id, String)))
    record(
        session,
        actor="worker",
        action="identities.purged",
        subject=f"period:{period_id}",
        now=now,
        after={"identities": purged.identities, "contacts": purged.contacts},
    )
    session.commit()
    return purged


@dataclass
class Resealed:
    """How far a change of key has come: rows looked at, sealed anew, and not to be opened."""

    seen: int = 0
    renewed: int = 0
    unreadable: int = 0


def reseal(session: Session, *, sealer: Sealer, by: str, now: datetime) -> Iterator[Resealed]:
    """Seal every e-mail address and identity with the newest key.

    Commits after each batch and yields how far it has come. What the newest key sealed already is
    passed over, so it can be stopped and run again. Rows that no key opens are left as they are.
    """
    done = Resealed()
    for table, column in ((Contact, Contact.sealed_email), (IdentityRow, IdentityRow.sealed)):
        after = 0
        while batch := _batch(session, table, column, after):
            renewed = sum(_renew(session, table, column, row, sealer, done) for row in batch)
            after = batch[-1].comment_id
            done.seen += len(batch)
            if renewed:
                record(
                    session,
                    actor=by,
                    action="identities.resealed",
                    subject=table.__tablename__,
                    now=now,
                    after={"rows": renewed},
                )
            session.commit()
            yield done


def _batch(session: Session, table: Any, column: Any, after: int) -> list[Any]:
    rows = session.execute(
        select(table.comment_id, column.label("sealed"))
        .where(table.comment_id > after)
        .order_by(table.comment_id)
        .limit(BATCH)
    )
    return list(rows)


def _renew(
    session: Session, table: Any, column: Any, row: Any, sealer: Sealer, done: Resealed
) -> int:
    try:
        renewed = sealer.renewed(row.sealed)
    except InvalidToken:
        done.unreadable += 1
        return 0
    if renewed is None:
        return 0
    changed = session.execute(
        update(table)
        .where(table.comment_id == row.comment_id, column == row.sealed)
        .values({column: renewed})
        .execution_options(synchronize_session=False)
    )
    done.renewed += changed_rows(changed)
    return changed_rows(changed)

"""One row for each change of the record, and the head of the chain that joins these rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.audit.rules import GENESIS
from webapp.orm import Base


class AuditEntry(Base):
    """Who did what to what, and when. Holds digests, never the words themselves.

    `actor` and `subject` read like "staff:3" and "comment:12"; an author is just "author".
    `position` and `link` are empty until the entry is sealed into the chain; from then on the
    database itself refuses to change the row, and it refuses to delete any (migration 0009).
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        CheckConstraint("(position IS NULL) = (link IS NULL)", name="sealed_whole"),
        Index(
            "ix_audit_entries_unsealed",
            "id",
            sqlite_where=text("position IS NULL"),
            postgresql_where=text("position IS NULL"),
        ),
        Index("ix_audit_entries_actor_id", "actor", "id"),
        Index("ix_audit_entries_action_id", "action", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(60), index=True)
    before: Mapped[str | None] = mapped_column(String(64))
    after: Mapped[str | None] = mapped_column(String(64))
    position: Mapped[int | None] = mapped_column(unique=True)
    """The place in the chain, from 1 and without gaps."""
    link: Mapped[str | None] = mapped_column(String(64))


class AuditHead(Base):
    """One row: how long the chain is and its last link, so that a cut-off tail is missed.

    Whoever seals holds this row, so that there is only ever one chain.
    """

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(default=0)
    link: Mapped[str] = mapped_column(String(64), default=GENESIS)

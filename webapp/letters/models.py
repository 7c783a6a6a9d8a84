"""One letter owed to one person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.letters.rules import DeliveryState, LetterKind
from webapp.orm import Base, one_of

_UNFINISHED = text("state IN ('owed', 'claimed', 'handing-over')")


class Delivery(Base):
    """Owed since it was written in the same transaction as the fact it tells of.

    `subject_id` is the comment, decision or summary it is about; `recipient` is "author:12" (the
    author of comment 12) or "staff:3". The address is looked up when the letter is written, so
    none is kept here.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", "recipient"),
        Index(
            "ix_deliveries_unfinished",
            "due_at",
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        ),
        Index("ix_deliveries_recipient", "recipient"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[LetterKind] = mapped_column(one_of(LetterKind))
    subject_id: Mapped[int]
    recipient: Mapped[str] = mapped_column(String(40))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[DeliveryState] = mapped_column(one_of(DeliveryState), default=DeliveryState.OWED)
    owed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_ends_at: Mapped[datetime | None]
    message_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)

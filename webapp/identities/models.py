"""Each time someone of the city looked at who an author is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Staff
from webapp.orm import Base


class IdentityReading(Base):
    """Who looked at the identity behind a comment, when, and what for. Rows are only added."""

    __tablename__ = "identity_readings"

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    purpose: Mapped[str] = mapped_column(Text)
    read_at: Mapped[datetime]

    staff: Mapped[Staff] = relationship()

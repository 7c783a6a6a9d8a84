"""The glossary: how the city calls its things in other languages."""

from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.orm import Base


class GlossaryTerm(Base):
    """A term of the city in Japanese, and what it is called in one other language."""

    __tablename__ = "glossary_terms"
    __table_args__ = (UniqueConstraint("lang", "source"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lang: Mapped[str] = mapped_column(String(12))
    source: Mapped[str] = mapped_column(String(80))
    target: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(200), default="")

"""An answer of the city, its versions, their words, and the comments each version answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Staff
from webapp.measures.models import Measure
from webapp.orm import Base, one_of
from webapp.responses.rules import Category


class Response(Base):
    """The city's answer to one or many opinions on one measure.

    `version` is what staff see, `published_version` what anyone may read: None for a draft.
    """

    __tablename__ = "responses"

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    published_version: Mapped[int | None]

    measure: Mapped[Measure] = relationship()


class ResponseVersion(Base):
    """How an answer read at one time. Rows are added; only `published_at` is filled in, once."""

    __tablename__ = "response_versions"

    response_id: Mapped[int] = mapped_column(ForeignKey("responses.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    category: Mapped[Category] = mapped_column(one_of(Category))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    staff: Mapped[Staff] = relationship()


class ResponseText(Base):
    """The words of a version in one language."""

    __tablename__ = "response_texts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["response_id", "version"],
            ["response_versions.response_id", "response_versions.version"],
        ),
    )

    response_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lang: Mapped[str] = mapped_column(String(12), primary_key=True)
    body: Mapped[str] = mapped_column(Text)


class AnsweredComment(Base):
    """A comment that this version of an answer answers."""

    __tablename__ = "answered_comments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["response_id", "version"],
            ["response_versions.response_id", "response_versions.version"],
        ),
    )

    response_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), primary_key=True, index=True)

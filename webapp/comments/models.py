"""A comment, its receipt, and where its author can be written to."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.comments.rules import Channel, Publication, Residency, Stance, Treatment
from webapp.measures.models import Action, CommentPeriod, Measure
from webapp.orm import Base, one_of


def _waiting(name: str, *columns: str, also: str = "") -> Index:
    """An index of what needs a decision, so that it stays as small as the queue."""
    part = text("publication = 'waiting'" + (f" AND {also}" if also else ""))
    return Index(name, *columns, sqlite_where=part, postgresql_where=part)


class ReceiptRow(Base):
    """The stored half of a receipt: the secret itself was shown once and is not kept.

    Comments with the same receipt are one person's; that is all that is known about who wrote
    which, and the one thing by which people are counted.
    """

    __tablename__ = "receipts"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(9), unique=True)
    secret_digest: Mapped[str] = mapped_column(String(64))


class Comment(Base):
    """What one person sent on one measure, verbatim, in the language it was written in.

    `version` grows with every decision and every revision: who decides names the version that
    was read, and only one such decision can succeed.

    `text` is the author's own and is for the desk and the author. What anyone else reads is
    `published_text`, which the decision writes and which exists only while anyone may read it.
    `published_at` is when anyone first could.
    """

    __tablename__ = "comments"
    __table_args__ = (
        CheckConstraint(
            "(publication = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_has_time"
        ),
        CheckConstraint(
            "(publication IN ('published', 'redacted')) = (published_text IS NOT NULL)",
            name="visible_has_text",
        ),
        CheckConstraint(
            "publication NOT IN ('published', 'redacted') OR published_at IS NOT NULL",
            name="visible_has_time",
        ),
        _waiting("ix_comments_waiting", "received_at", "id"),
        _waiting("ix_comments_waiting_alone", "received_at", "id", also="campaign_id IS NULL"),
        _waiting(
            "ix_comments_waiting_on_measure",
            "measure_id",
            "received_at",
            "id",
            also="campaign_id IS NULL",
        ),
        _waiting(
            "ix_comments_waiting_in_campaign",
            "campaign_id",
            "received_at",
            "id",
            also="campaign_id IS NOT NULL",
        ),
        Index(
            "ix_comments_unscreened",
            "id",
            sqlite_where=text("screened_at IS NULL"),
            postgresql_where=text("screened_at IS NULL"),
        ),
        Index("ix_comments_measure_id_id", "measure_id", "id"),
        Index("ix_comments_received_at", "received_at"),
        Index(
            "ix_comments_published_at",
            "published_at",
            "id",
            sqlite_where=text("published_at IS NOT NULL"),
            postgresql_where=text("published_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    action_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))
    period_id: Mapped[int] = mapped_column(ForeignKey("comment_periods.id"))
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipts.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    published_text: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(12))
    channel: Mapped[Channel] = mapped_column(one_of(Channel))
    stance: Mapped[Stance | None] = mapped_column(one_of(Stance))
    residency: Mapped[Residency | None] = mapped_column(one_of(Residency))
    received_at: Mapped[datetime]
    form_key_digest: Mapped[str] = mapped_column(String(64), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    publication: Mapped[Publication] = mapped_column(
        one_of(Publication), default=Publication.WAITING
    )
    treatment: Mapped[Treatment] = mapped_column(one_of(Treatment), default=Treatment.UNDECIDED)
    screened_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    campaign_id: Mapped[int | None]
    """The campaign in whose row of the queue it waits; a comment without one has its own row.

    No foreign key: campaigns are found by moderation, which knows comments and not the reverse."""
    fold_number: Mapped[int | None]
    """Grows with each comment that any campaign takes in, so a limit on it names who was there."""
    published_at: Mapped[datetime | None]

    measure: Mapped[Measure] = relationship(foreign_keys=measure_id)
    action: Mapped[Action | None] = relationship(foreign_keys=action_id)
    period: Mapped[CommentPeriod] = relationship()
    receipt: Mapped[ReceiptRow] = relationship()


class CommentVersion(Base):
    """What a comment said before its author wrote it anew. Rows are added, never changed.

    `version` is the one that the comment had with these words.
    """

    __tablename__ = "comment_versions"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(12))
    stance: Mapped[Stance | None] = mapped_column(one_of(Stance))
    residency: Mapped[Residency | None] = mapped_column(one_of(Residency))
    replaced_at: Mapped[datetime]

    action: Mapped[Action | None] = relationship()


class Contact(Base):
    """The address an author gave for letters: sealed, and apart from the comment.

    Until `confirmed_at` is set, only the first letter goes there. `address_digest` is keyed: it
    says which comments gave the same address, and nothing about the address.
    """

    __tablename__ = "contacts"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), primary_key=True)
    sealed_email: Mapped[bytes] = mapped_column(LargeBinary)
    lang: Mapped[str] = mapped_column(String(12))
    """The language of the page the author wrote on, which the letter is written in."""
    address_digest: Mapped[str | None] = mapped_column(String(32), index=True)
    confirmed_at: Mapped[datetime | None]


class FirstLetters(Base):
    """How many first letters one mailbox was owed on one day in the city; forgotten the day after.

    So that nobody can use the form to flood a stranger's mailbox.
    """

    __tablename__ = "first_letters"

    mailbox_digest: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    letters: Mapped[int]


class StoppedAddress(Base):
    """An address whose owner wants no letters, not even the first one, kept as a keyed digest.

    `asked_at` is when somebody last asked from a receipt to be written to there again.
    """

    __tablename__ = "stopped_addresses"

    address_digest: Mapped[str] = mapped_column(String(32), primary_key=True)
    stopped_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]


class IdentityRow(Base):
    """Who an author is, where the period asks: sealed, apart from the comment, and purged."""

    __tablename__ = "identities"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)

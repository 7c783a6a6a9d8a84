"""What the machine noticed and what people decided."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Staff
from webapp.comments.models import Comment
from webapp.comments.rules import Publication, Treatment
from webapp.moderation.rules import Change, Reason
from webapp.orm import Base, one_of


class Wording(Base):
    """One text as it was first seen; its exact copies all point here.

    `copies` says how many comments do, the first among them, so that nobody has to count a flood.
    One that no comment has any more is cleared away by the next placing.
    """

    __tablename__ = "wordings"
    __table_args__ = (
        Index(
            "ix_wordings_unsettled",
            "id",
            sqlite_where=text("leader_id IS NULL OR copies = 0"),
            postgresql_where=text("leader_id IS NULL OR copies = 0"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    first_comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"))
    copies: Mapped[int] = mapped_column(default=1)
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("wordings.id"), index=True)
    """The wording whose like it is, itself where it is like no other; unknown until placed."""


class Campaign(Base):
    """Two or more comments on one measure whose wordings have the same leader.

    While it is open it has one row in the queue, at the place of its oldest waiting comment. It is
    open whenever a comment waits in it; the reverse is put right by the next placing.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        UniqueConstraint("measure_id", "leader"),
        Index(
            "ix_campaigns_open",
            "oldest_at",
            "oldest_id",
            sqlite_where=text("is_open = 1"),
            postgresql_where=text("is_open"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    leader: Mapped[str] = mapped_column(String(64))
    """The leader's fingerprint; its wording may be gone while another is being found."""
    is_open: Mapped[bool] = mapped_column(default=False)
    oldest_at: Mapped[datetime]
    oldest_id: Mapped[int]


class MeasureWording(Base):
    """How many comments on one measure have this wording, decided ones among them."""

    __tablename__ = "measure_wordings"
    __table_args__ = (Index("ix_measure_wordings_campaign_id", "campaign_id", "wording_id"),)

    wording_id: Mapped[int] = mapped_column(ForeignKey("wordings.id"), primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"))
    comments: Mapped[int] = mapped_column(default=0)


class FoldCounter(Base):
    """One row, held by whoever places comments: so there is one at a time, and all are seen."""

    __tablename__ = "fold_counter"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(default=0)


class WordingBand(Base):
    """A shelf on which nearly equal wordings are likely to stand together."""

    __tablename__ = "wording_bands"
    __table_args__ = (Index("ix_wording_bands_band", "band"),)

    wording_id: Mapped[int] = mapped_column(ForeignKey("wordings.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    band: Mapped[int] = mapped_column(BigInteger)


class Screening(Base):
    """How far the machine has come with one comment. Attempts are counted before the work."""

    __tablename__ = "screenings"
    __table_args__ = (
        Index(
            "ix_screenings_unplaced",
            "comment_id",
            sqlite_where=text("is_placed = 0 AND wording_id IS NOT NULL"),
            postgresql_where=text("NOT is_placed AND wording_id IS NOT NULL"),
        ),
    )

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), primary_key=True)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_ends_at: Mapped[datetime | None]
    failed: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None] = mapped_column(String(12))
    wording_id: Mapped[int | None] = mapped_column(ForeignKey("wordings.id"), index=True)
    is_placed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it was counted among the comments with its wording, and folded with its like."""


class Flag(Base):
    """Something noticed in a text: which rule, where (code points, half-open), what.

    A span without length speaks of the whole text.
    """

    __tablename__ = "flags"

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), index=True)
    rule: Mapped[str] = mapped_column(String(40))
    start: Mapped[int]
    end: Mapped[int]
    detail: Mapped[str] = mapped_column(String(200), default="")


class Decision(Base):
    """What a person decided on one version of one comment. Rows are added, never changed."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("comment_id", "version"),
        CheckConstraint(
            "publication <> 'withheld' OR reason IS NOT NULL", name="withheld_has_reason"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"))
    version: Mapped[int]
    publication: Mapped[Publication] = mapped_column(one_of(Publication))
    treatment: Mapped[Treatment] = mapped_column(one_of(Treatment))
    reason: Mapped[Reason | None] = mapped_column(one_of(Reason))
    note: Mapped[str] = mapped_column(Text)
    change: Mapped[Change | None] = mapped_column(one_of(Change))
    """What it changed of what anyone may read; a first decision corrects nothing."""
    moderator_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime]

    comment: Mapped[Comment] = relationship()
    moderator: Mapped[Staff] = relationship()


class Redaction(Base):
    """A span of a comment's text that a decision covers: code points, half-open, and why.

    Rows are added, never changed: what is covered now is what the latest decision covers.
    """

    __tablename__ = "redactions"
    __table_args__ = (CheckConstraint('"start" >= 0 AND "start" < "end"', name="has_length"),)

    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    end: Mapped[int]
    reason: Mapped[Reason] = mapped_column(one_of(Reason))


class Appeal(Base):
    """An author's wish that another person look at a withholding. Rows are added, never changed.

    A decision is appealed at most once. The appeal is open until the comment is decided again or
    withdrawn, and the decision that follows is its outcome: nothing of that is stored here.
    """

    __tablename__ = "appeals"

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), index=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), unique=True)
    note: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]

    decision: Mapped[Decision] = relationship()


class Proposal(Base):
    """A verdict that takes a second person, as the first one stated it. Rows are only added.

    It is open while the comment waits under the version that followed: whatever happens to the
    comment ends it, and nothing of that is stored here.
    """

    __tablename__ = "proposals"
    __table_args__ = (
        UniqueConstraint("comment_id", "version"),
        CheckConstraint(
            "publication <> 'withheld' OR reason IS NOT NULL", name="withheld_has_reason"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"))
    version: Mapped[int]
    publication: Mapped[Publication] = mapped_column(one_of(Publication))
    treatment: Mapped[Treatment] = mapped_column(one_of(Treatment))
    reason: Mapped[Reason | None] = mapped_column(one_of(Reason))
    note: Mapped[str] = mapped_column(Text)
    moderator_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    proposed_at: Mapped[datetime]

    moderator: Mapped[Staff] = relationship()


class Undoing(Base):
    """The decision or proposal made on this version was taken back by the one who made it."""

    __tablename__ = "undoings"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    moderator_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    undone_at: Mapped[datetime]

    moderator: Mapped[Staff] = relationship()


class Claim(Base):
    """Who works on a comment, and until when. Advice to the others, never a lock."""

    __tablename__ = "claims"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    ends_at: Mapped[datetime]

    holder: Mapped[Staff] = relationship()


class Takeover(Base):
    """Someone took a comment over from the person who held it, and why. Rows are only added."""

    __tablename__ = "takeovers"

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), index=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str] = mapped_column(Text)
    taken_at: Mapped[datetime]

    holder: Mapped[Staff] = relationship(foreign_keys=from_id)
    successor: Mapped[Staff] = relationship(foreign_keys=by_id)


class SecondPersonSetting(Base):
    """Whether grave verdicts take a second person, who said so and when. Rows are only added.

    The latest holds; where there is none they do.
    """

    __tablename__ = "second_person_settings"

    id: Mapped[int] = mapped_column(primary_key=True)
    is_on: Mapped[bool]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime]

    by: Mapped[Staff] = relationship()

"""Reading comments. What anyone may see is asked here, and only here."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Integer, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from webapp.comments.models import (
    Comment,
    CommentVersion,
    Contact,
    IdentityRow,
    ReceiptRow,
)
from webapp.comments.rules import (
    VISIBLE,
    Channel,
    Publication,
    Residency,
    Stance,
    as_number,
    secret_digest,
)
from webapp.letters.rules import AddressUnconfirmed
from webapp.measures.models import Entry
from webapp.orm import table_of

PAGE = 25
BURST_WINDOW = timedelta(minutes=1)


_comments = table_of(Comment)
_newest = (
    select(_comments.c.received_at, _comments.c.channel)
    .where(_comments.c.measure_id == bindparam("measure_id"))
    .order_by(_comments.c.id.desc())
    .limit(bindparam("rows", type_=Integer))
    .subquery()
)
_RECENT = select(func.count()).where(
    _newest.c.received_at > bindparam("since"), _newest.c.channel == Channel.WEB
)


@dataclass(frozen=True)
class PublicComment:
    """A comment as anyone may read it: `text` has a COVER where words are covered."""

    id: int
    text: str
    language: str
    stance: Stance | None
    residency: Residency | None
    channel: Channel
    action_code: str | None
    received_at: datetime


@dataclass(frozen=True)
class PublicPage:
    """Some published comments, newest first; `older` is the key of the page that follows."""

    items: tuple[PublicComment, ...]
    older: int | None


def is_visible() -> ColumnElement[bool]:
    """The condition for anyone to read a comment."""
    return Comment.publication.in_(VISIBLE)


def published_comments(
    session: Session, measure_id: int, *, before: int | None = None, size: int = PAGE
) -> PublicPage:
    """Published comments of a measure, newest first, below the key `before`."""
    action = aliased(Entry)
    rows = session.execute(
        select(
            Comment.id,
            func.coalesce(Comment.published_text, ""),
            Comment.language,
            Comment.stance,
            Comment.residency,
            Comment.channel,
            action.code,
            Comment.received_at,
        )
        .outerjoin(action, action.id == Comment.action_id)
        .where(
            Comment.measure_id == measure_id,
            is_visible(),
            *([Comment.id < before] if before is not None else []),
        )
        .order_by(Comment.id.desc())
        .limit(size + 1)
    ).all()
    items = tuple(PublicComment(*row) for row in rows[:size])
    return PublicPage(items, items[-1].id if len(rows) > size else None)


def once_published(
    session: Session, measure_id: int, *, before: int | None, after: int | None, most: int = 100
) -> Sequence[int]:
    """Ids of comments that anyone could read once and nobody can now, newest first.

    Between the keys `after` and `before`. What its author took back is not among them.
    """
    return session.scalars(
        select(Comment.id)
        .where(
            Comment.measure_id == measure_id,
            Comment.publication.in_((Publication.WITHHELD, Publication.WAITING)),
            Comment.published_at.is_not(None),
            *([Comment.id < before] if before is not None else []),
            *([Comment.id > after] if after is not None else []),
        )
        .order_by(Comment.id.desc())
        .limit(most)
    ).all()


def readable_text() -> ColumnElement[str]:
    """The published text where anyone may read it; else the author's own, which lends no words."""
    return func.coalesce(Comment.published_text, Comment.text)


@dataclass(frozen=True)
class HowMany:
    """How many comments there are, and from how many people."""

    comments: int
    people: int


def published_count(session: Session, measure_id: int) -> HowMany:
    """How many comments of a measure anyone may read, and how many people wrote them."""
    row = session.execute(
        select(func.count(), func.count(Comment.receipt_id.distinct())).where(
            Comment.measure_id == measure_id, is_visible()
        )
    ).one()
    return HowMany(*row)


def published_counts(session: Session, stage_id: int) -> Mapping[int, HowMany]:
    """How many comments anyone may read, by measure id, for those that have any."""
    rows = session.execute(
        select(Comment.measure_id, func.count(), func.count(Comment.receipt_id.distinct()))
        .join(Entry, Entry.id == Comment.measure_id)
        .where(Entry.stage_id == stage_id, is_visible())
        .group_by(Comment.measure_id)
    )
    return {measure_id: HowMany(*numbers) for measure_id, *numbers in rows}


def received_in(session: Session, period_id: int) -> int:
    """How many comments a period has received, whatever became of them."""
    counted = select(func.count()).select_from(Comment).where(Comment.period_id == period_id)
    return session.scalar(counted) or 0


def visible_ids(session: Session, ids: Sequence[int]) -> set[int]:
    """Which of these comments anyone may read, asked in bounded steps."""
    found: set[int] = set()
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        found |= set(session.scalars(select(Comment.id).where(Comment.id.in_(some), is_visible())))
    return found


def published_texts(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """What anyone may read of these comments, for those of which anyone may read something."""
    found: dict[int, str] = {}
    for start in range(0, len(ids), 500):
        rows = session.execute(
            select(Comment.id, Comment.published_text).where(
                Comment.id.in_(ids[start : start + 500]), is_visible()
            )
        )
        found |= {id: text or "" for id, text in rows}
    return found


def is_under_burst(session: Session, measure_id: int, now: datetime, most: int) -> bool:
    """Whether more than `most` comments came in by web on this measure within the last minute.

    Looks at the newest rows of the measure only, so it costs the same on a measure of a million,
    and every process sees the same.
    """
    asked = {"measure_id": measure_id, "since": now - BURST_WINDOW, "rows": most + 1}
    return (session.scalar(_RECENT, asked) or 0) > most


def comment_with_form_key(session: Session, digest: str) -> Comment | None:
    return session.scalar(select(Comment).where(Comment.form_key_digest == digest))


def receipt_of(session: Session, comment_id: int) -> ReceiptRow | None:
    return session.scalar(
        select(ReceiptRow)
        .join(Comment, Comment.receipt_id == ReceiptRow.id)
        .where(Comment.id == comment_id)
    )


def receipt_with_secret(session: Session, number: str, secret: str) -> ReceiptRow | None:
    """The receipt that was given. A wrong number and a wrong secret look the same."""
    receipt = session.scalar(select(ReceiptRow).where(ReceiptRow.number == as_number(number)))
    known = receipt.secret_digest if receipt else "0" * 64
    right = hmac.compare_digest(known, secret_digest(secret))
    return receipt if right else None


def comments_of_receipt(session: Session, receipt_id: int) -> Sequence[Comment]:
    """What one person sent, the first first."""
    return session.scalars(
        select(Comment).where(Comment.receipt_id == receipt_id).order_by(Comment.id)
    ).all()


def earlier_versions(session: Session, comment_id: int) -> Sequence[CommentVersion]:
    """What a comment said before, the oldest first."""
    return session.scalars(
        select(CommentVersion)
        .where(CommentVersion.comment_id == comment_id)
        .order_by(CommentVersion.version)
    ).all()


def contact_of(session: Session, comment_id: int) -> Contact | None:
    return session.get(Contact, comment_id)


def lock_receipt(session: Session, receipt_id: int) -> None:
    """Wait for whoever adds to this receipt or takes from it; then they wait for this transaction.

    What follows reads what they left. Receipts are locked before their contacts. SQLite needs no
    lock: it has one writer.
    """
    session.scalar(select(ReceiptRow.id).where(ReceiptRow.id == receipt_id).with_for_update())


def identity_of_receipt(session: Session, receipt_id: int, period_id: int) -> IdentityRow | None:
    """Who this person last said to be in this period; None when that is not held.

    What was said in another period is deleted on that one's day, and serves no other purpose.
    """
    return session.scalar(
        select(IdentityRow)
        .join(Comment, Comment.id == IdentityRow.comment_id)
        .where(Comment.receipt_id == receipt_id, Comment.period_id == period_id)
        .order_by(IdentityRow.comment_id.desc())
        .limit(1)
    )


def confirmed_contact(session: Session, comment_id: int) -> Contact | None:
    """Where the author may be written to; None without an address.

    Raises AddressUnconfirmed. The row stays locked, so that nobody confirms the address between
    this answer and what the caller notes of it.
    """
    contact = session.scalar(
        select(Contact).where(Contact.comment_id == comment_id).with_for_update(read=True)
    )
    if contact is not None and contact.confirmed_at is None:
        raise AddressUnconfirmed
    return contact

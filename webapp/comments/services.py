"""Taking comments in, one at a time from the form or many from a file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.intake import take_in
from webapp.comments.models import Comment
from webapp.comments.queries import (
    comment_with_form_key,
    identity_of_receipt,
    lock_receipt,
)
from webapp.comments.rules import (
    MOST_COMMENTS,
    Commented,
    Draft,
    FormKeyReused,
    IdentityNeeded,
    IdentityNotAsked,
    PeriodClosed,
    PeriodNotBegun,
    PeriodNotOpen,
    Receipt,
    ReceiptFull,
    form_key_digest,
    is_open,
    receipt_secret,
    secret_digest,
)
from webapp.measures.models import CommentPeriod, Measure
from webapp.measures.queries import current_period
from webapp.measures.rules import current
from webapp.sealing import Sealer

# Put together once: this is the one path that a flood of comments must not slow down.
_PERIODS = (
    select(
        CommentPeriod.id,
        CommentPeriod.opens_at,
        CommentPeriod.closes_at,
        CommentPeriod.identity_purpose.is_not(None).label("asks_identity"),
    )
    .where(CommentPeriod.stage_id == bindparam("stage_id"))
    .order_by(CommentPeriod.opens_at)
)


def submit_comment(
    session: Session,
    measure: Commented,
    draft: Draft,
    *,
    secret_key: str,
    sealer: Sealer,
    now: datetime,
    joins: int | None = None,
) -> Receipt:
    """Take one comment: comment, receipt, contact and audit entry, or nothing.

    A comment that `joins` a receipt is another one of the same person; the address and the name
    that the receipt holds are its own too, and there is no new secret. Sending the same form again
    gives the same receipt and adds nothing. Raises PeriodClosed or PeriodNotOpen when the measure
    takes no comments at `now`, FormKeyReused when the form was already sent with other words or
    for another receipt, IdentityNeeded when the period asks who the author is, and ReceiptFull.
    """
    digest = form_key_digest(draft.form_key)
    secret = receipt_secret(draft.form_key, secret_key)
    # Whether the form was sent before is asked only when it cannot be taken in: the database says
    # so by its unique form key, and a form that is sent once need not be looked for.
    try:
        period = _open_period(session, measure, now)
        if joins is not None:
            lock_receipt(session, joins)
        if period.asks_identity and not _is_known(session, draft, joins, period.id):
            raise IdentityNeeded
        if joins is not None and _is_full(session, joins):
            raise ReceiptFull(most=MOST_COMMENTS)
        receipt = take_in(
            session,
            measure,
            period,
            draft,
            digest,
            secret,
            secret_key=secret_key,
            sealer=sealer,
            now=now,
            joins=joins,
        )
        session.commit()
    except (IntegrityError, PeriodClosed, PeriodNotOpen, IdentityNeeded, ReceiptFull):
        session.rollback()
        earlier = comment_with_form_key(session, digest)
        if earlier is None:
            raise
        if not _says_the_same(earlier, measure, draft):
            raise FormKeyReused from None
        return _same_receipt(earlier, secret, joins)
    return receipt


def check_open(opens_at: datetime | None, closes_at: datetime | None, now: datetime) -> None:
    """Raises PeriodNotOpen without a period, PeriodNotBegun before it and PeriodClosed after it."""
    if opens_at is None or closes_at is None:
        raise PeriodNotOpen
    if now < opens_at:
        raise PeriodNotBegun(opens_at=opens_at)
    if not is_open(opens_at, closes_at, now):
        raise PeriodClosed(closed_at=closes_at)


def import_comments(
    session: Session,
    measure: Measure,
    drafts: Iterable[Draft],
    *,
    secret_key: str,
    sealer: Sealer,
    by: str,
    now: datetime,
) -> int:
    """Take in what arrived on paper or in a file: all of it or none. Returns how many were new.

    A draft whose form key was taken in before is passed over, so a file can be loaded again.
    Drafts that name the same person share a receipt. Raises PeriodNotOpen when the stage has no
    period to file them under, and IdentityNotAsked when a draft has a name that nobody asked for.
    """
    period = current_period(session, measure.stage_id, now)
    if period is None:
        raise PeriodNotOpen
    new = 0
    receipts: dict[str, int] = {}
    for draft in drafts:
        if draft.identity is not None and not period.asks_identity:
            session.rollback()
            raise IdentityNotAsked
        digest = form_key_digest(draft.form_key)
        if comment_with_form_key(session, digest) is None:
            secret = receipt_secret(draft.form_key, secret_key)
            take_in(
                session,
                measure,
                period,
                draft,
                digest,
                secret,
                secret_key=secret_key,
                sealer=sealer,
                now=now,
                joins=receipts.get(draft.person),
            )
            new += 1
        if draft.person and draft.person not in receipts:
            receipts[draft.person] = _receipt_id_of(session, digest)
    record(
        session,
        actor=by,
        action="comments.imported",
        subject=f"measure:{measure.id}",
        now=now,
        after={"comments": new},
    )
    session.commit()
    return new


def _open_period(session: Session, measure: Commented, now: datetime) -> Row[*tuple[Any, ...]]:
    """The period that is open, read as a row. Raises PeriodClosed and PeriodNotOpen."""
    period = current(session.execute(_PERIODS, {"stage_id": measure.stage_id}).all(), now)
    if period is None:
        raise PeriodNotOpen
    check_open(period.opens_at, period.closes_at, now)
    return period


def _is_known(session: Session, draft: Draft, joins: int | None, period_id: int) -> bool:
    """Whether the author said who they are, with this comment or with an earlier one."""
    if draft.identity is not None:
        return True
    return joins is not None and identity_of_receipt(session, joins, period_id) is not None


def _is_full(session: Session, receipt_id: int) -> bool:
    """Whether a receipt holds as many comments as its pages can show."""
    last = select(Comment.id).where(Comment.receipt_id == receipt_id).offset(MOST_COMMENTS - 1)
    return session.scalar(last.limit(1)) is not None


def _says_the_same(earlier: Comment, measure: Commented, draft: Draft) -> bool:
    """Whether a form that was sent before says nothing else now about the measure.

    Name and address are not compared: they may be typed anew after a lost answer, or be deleted.
    What was sent first stands, and the author is told so.
    """
    action = earlier.action.code if earlier.action else None
    said = (earlier.measure_id, action, earlier.text, earlier.language)
    answered = (earlier.stance, earlier.residency)
    return said == (measure.id, draft.action_code, draft.text, draft.language) and answered == (
        draft.stance,
        draft.residency,
    )


def _same_receipt(earlier: Comment, secret: str, joins: int | None) -> Receipt:
    if joins is not None:
        if earlier.receipt_id != joins:
            raise FormKeyReused
        return Receipt(earlier.receipt.number, received_before=earlier.received_at)
    if earlier.receipt.secret_digest != secret_digest(secret):  # it joined one that was there
        raise FormKeyReused
    return Receipt(earlier.receipt.number, secret, earlier.received_at)


def _receipt_id_of(session: Session, digest: str) -> int:
    found = session.scalar(select(Comment.receipt_id).where(Comment.form_key_digest == digest))
    assert found is not None
    return found

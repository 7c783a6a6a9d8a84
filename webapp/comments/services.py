"""Taking comments in, one at a time from the form or many from a file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.addresses import owe_first_letter
from webapp.comments.models import Comment, Contact, IdentityRow, ReceiptRow
from webapp.comments.queries import comment_with_form_key, receipt_of
from webapp.comments.rules import (
    Commented,
    Draft,
    FormKeyReused,
    IdentityNeeded,
    PeriodClosed,
    PeriodNotOpen,
    Publication,
    Receipt,
    Treatment,
    address_digest,
    form_key_digest,
    is_open,
    new_number,
    receipt_secret,
    secret_digest,
)
from webapp.measures.models import CommentPeriod, Measure
from webapp.measures.queries import current_period, entry_by_code
from webapp.measures.rules import current
from webapp.orm import table_of
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
_NEW_COMMENT = insert(table_of(Comment)).returning(Comment.id)
_NEW_RECEIPT = insert(table_of(ReceiptRow))


def submit_comment(
    session: Session,
    measure: Commented,
    draft: Draft,
    *,
    secret_key: str,
    sealer: Sealer,
    now: datetime,
) -> Receipt:
    """Take one comment: comment, receipt, contact and audit entry, or nothing.

    Sending the same form again gives the same receipt and adds nothing. Raises PeriodClosed or
    PeriodNotOpen when the measure takes no comments at `now`, FormKeyReused when the form was
    already sent with another text, and IdentityNeeded when the period asks who the author is.
    """
    digest = form_key_digest(draft.form_key)
    secret = receipt_secret(draft.form_key, secret_key)
    # Whether the form was sent before is asked only when it cannot be taken in: the database says
    # so by its unique form key, and a form that is sent once need not be looked for.
    try:
        period = _open_period(session, measure, now)
        if period.asks_identity and draft.identity is None:
            raise IdentityNeeded
        receipt = _take_in(
            session,
            measure,
            period,
            draft,
            digest,
            secret,
            secret_key=secret_key,
            sealer=sealer,
            now=now,
        )
        session.commit()
    except (IntegrityError, PeriodClosed, PeriodNotOpen):
        session.rollback()
        earlier = comment_with_form_key(session, digest)
        if earlier is None:
            raise
        return _same_receipt(session, earlier, measure, draft, secret)
    return receipt


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
    Raises PeriodNotOpen when the stage has no period to file them under.
    """
    period = current_period(session, measure.stage_id, now)
    if period is None:
        raise PeriodNotOpen
    new = 0
    for draft in drafts:
        digest = form_key_digest(draft.form_key)
        if comment_with_form_key(session, digest) is None:
            secret = receipt_secret(draft.form_key, secret_key)
            _take_in(
                session,
                measure,
                period,
                draft,
                digest,
                secret,
                secret_key=secret_key,
                sealer=sealer,
                now=now,
            )
            new += 1
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
    if period is None or now < period.opens_at:
        raise PeriodNotOpen
    if not is_open(period.opens_at, period.closes_at, now):
        raise PeriodClosed(closed_at=period.closes_at)
    return period


def _same_receipt(
    session: Session, earlier: Comment, measure: Commented, draft: Draft, secret: str
) -> Receipt:
    if earlier.text != draft.text or earlier.measure_id != measure.id:
        raise FormKeyReused
    stored = receipt_of(session, earlier.id)
    if stored is None:
        raise FormKeyReused
    return Receipt(stored.number, secret)


def _take_in(
    session: Session,
    measure: Commented,
    period: CommentPeriod | Row[*tuple[Any, ...]],
    draft: Draft,
    digest: str,
    secret: str,
    *,
    secret_key: str,
    sealer: Sealer,
    now: datetime,
) -> Receipt:
    action = (
        entry_by_code(session, measure.stage_id, draft.action_code) if draft.action_code else None
    )
    comment_id: int = session.execute(
        _NEW_COMMENT,
        {
            "measure_id": measure.id,
            "action_id": action.id if action else None,
            "period_id": period.id,
            "text": draft.text,
            "language": draft.language,
            "channel": draft.channel,
            "stance": draft.stance,
            "residency": draft.residency,
            "received_at": now,
            "form_key_digest": digest,
            "version": 1,
            "publication": Publication.WAITING,
            "treatment": Treatment.UNDECIDED,
        },
    ).scalar_one()
    number = new_number()
    session.execute(
        _NEW_RECEIPT,
        {"comment_id": comment_id, "number": number, "secret_digest": secret_digest(secret)},
    )
    if draft.email:
        session.execute(
            insert(Contact).values(
                comment_id=comment_id,
                sealed_email=sealer.seal(draft.email),
                lang=draft.page_lang,
                address_digest=address_digest(draft.email, secret_key),
            )
        )
        owe_first_letter(session, comment_id, draft.email, secret_key=secret_key, now=now)
    if period.asks_identity and draft.identity is not None:
        sealed = sealer.seal(draft.identity.as_text())
        session.execute(insert(IdentityRow).values(comment_id=comment_id, sealed=sealed))
    record(
        session,
        actor="author",
        action="comment.submitted",
        subject=f"comment:{comment_id}",
        now=now,
        after={"text": draft.text, "measure": measure.id, "language": draft.language},
    )
    return Receipt(number, secret)

"""Looking up staff."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import SignIn, Staff
from webapp.accounts.rules import as_kept


def token_digest(token: str) -> str:
    """A sign-in's token is long and random, so one SHA-256 keeps it as well as argon2 would."""
    return hashlib.sha256(token.encode()).hexdigest()


def staff_signed_in_with(
    session: Session, token: str, *, now: datetime, lasting: timedelta
) -> Staff | None:
    """The member of staff whose open door this token is, or None when it is shut or too old."""
    return session.scalar(
        select(Staff)
        .join(SignIn, SignIn.staff_id == Staff.id)
        .where(
            SignIn.token_digest == token_digest(token),
            SignIn.ended_at.is_(None),
            SignIn.started_at > now - lasting,
            Staff.disabled_at.is_(None),
        )
    )


def staff_by_email(session: Session, email: str) -> Staff | None:
    return session.scalar(select(Staff).where(Staff.email == as_kept(email)))


def all_staff(session: Session) -> Sequence[Staff]:
    return session.scalars(select(Staff).order_by(Staff.id)).all()

"""Opening accounts, signing in and out."""

from __future__ import annotations

import secrets
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.accounts.models import SignIn, Staff
from webapp.accounts.queries import staff_by_email, token_digest
from webapp.accounts.rules import (
    SHORTEST_PASSWORD,
    AddressTaken,
    PasswordTooShort,
    Role,
    WrongCredentials,
    as_kept,
)
from webapp.audit.services import record

_hasher = PasswordHasher()
# Checked when nobody has the address, so that a stranger learns nothing from the time it takes.
_NOBODY = _hasher.hash(secrets.token_urlsafe())


def open_account(
    session: Session,
    *,
    email: str,
    name: str,
    role: Role,
    lang: str,
    password: str,
    by: str,
    now: datetime,
) -> Staff:
    """Make a staff account. Raises AddressTaken and PasswordTooShort."""
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort(least=SHORTEST_PASSWORD)
    if staff_by_email(session, email) is not None:
        raise AddressTaken(address=email)
    staff = Staff(
        email=as_kept(email),
        name=name,
        role=role,
        lang=lang,
        password_hash=_hasher.hash(password),
        created_at=now,
    )
    session.add(staff)
    session.flush()
    record(
        session,
        actor=by,
        action="account.opened",
        subject=f"staff:{staff.id}",
        now=now,
        after={"role": role, "lang": lang},
    )
    session.commit()
    return staff


def sign_in(session: Session, *, email: str, password: str, now: datetime) -> str:
    """Open a door and return its token. Raises WrongCredentials, always after the same work."""
    staff = staff_by_email(session, email)
    try:
        _hasher.verify(staff.password_hash if staff else _NOBODY, password)
    except VerifyMismatchError:
        raise WrongCredentials from None
    if staff is None or staff.disabled_at is not None:
        raise WrongCredentials
    token = secrets.token_urlsafe(32)
    session.add(SignIn(token_digest=token_digest(token), staff_id=staff.id, started_at=now))
    record(
        session,
        actor=f"staff:{staff.id}",
        action="account.signed-in",
        subject=f"staff:{staff.id}",
        now=now,
    )
    session.commit()
    return token


def sign_out(session: Session, *, token: str, now: datetime) -> None:
    """Shut the door of this token; a door already shut stays so."""
    staff_id = session.scalar(
        update(SignIn)
        .where(SignIn.token_digest == token_digest(token), SignIn.ended_at.is_(None))
        .values(ended_at=now)
        .returning(SignIn.staff_id)
        .execution_options(synchronize_session=False)
    )
    if staff_id is None:
        return session.rollback()
    who = f"staff:{staff_id}"
    record(session, actor=who, action="account.signed-out", subject=who, now=now)
    session.commit()
    return None

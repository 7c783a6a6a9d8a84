"""Sealing the audit trail: batch after batch, until every committed entry is in the chain."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.audit.services import seal


def seal_all(session: Session) -> int:
    """Seal what waits; commits after each batch, so that it can be stopped anywhere."""
    sealed = 0
    while some := seal(session):
        sealed += some
    return sealed

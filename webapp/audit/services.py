"""Writing the trail. It commits nothing: the entry stands or falls with the change it tells of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from webapp.audit.models import AuditEntry
from webapp.audit.rules import digest
from webapp.orm import table_of

_NEW_ENTRY = insert(table_of(AuditEntry))


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    subject: str,
    now: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Add one entry inside the caller's transaction."""
    session.execute(
        _NEW_ENTRY,
        {
            "at": now,
            "actor": actor,
            "action": action,
            "subject": subject,
            "before": digest(before) if before is not None else None,
            "after": digest(after) if after is not None else None,
        },
    )

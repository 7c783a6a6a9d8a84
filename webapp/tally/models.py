"""The tally of a stage as it was last counted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.orm import Base


class StageTally(Base):
    """One row for a stage: `document` is a `rules.Tally` as written at `counted_at`."""

    __tablename__ = "tallies"

    stage_id: Mapped[int] = mapped_column(
        ForeignKey("stages.id"), primary_key=True, autoincrement=False
    )
    counted_at: Mapped[datetime]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)

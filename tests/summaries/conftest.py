"""A stage whose comments came in during one past week, and hands to decide on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests import build
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.citytime import Week
from webapp.comments.models import Comment
from webapp.comments.rules import Publication, Treatment
from webapp.measures.models import Measure, Stage
from webapp.moderation.rules import Reason, Verdict
from webapp.moderation.services import decide as decide_on
from webapp.summaries.services import compile_week
from worker.analysis.points import compile_points

WEEK = Week(2026, 47)
REPORT = "/en/stages/5th/reports/2026-W47"
MONDAY_AFTER = WEEK.ends_at + timedelta(hours=6)


@pytest.fixture
def now() -> datetime:
    """Wednesday noon of the week."""
    return WEEK.starts_at + timedelta(days=2, hours=12)


@pytest.fixture
def stage(session: Session) -> Stage:
    return build.stage(session, opens_at=WEEK.starts_at)


@dataclass(frozen=True)
class Point:
    heading: str
    language: str
    comments: tuple[int, ...]
    wordings: int
    quotes: tuple[Any, ...]


@dataclass(frozen=True)
class Quote:
    comment: int
    text: str
    language: str


@dataclass(frozen=True)
class Compiled:
    points: tuple[Point, ...]
    others: tuple[int, ...]


def one_by_one(comments: Any, _known: Any) -> Compiled:
    """An honest compiler: each comment that may be quoted is a point, the rest are others."""
    return Compiled(
        tuple(
            Point(c.text[:8], c.language, (c.id,), 1, (Quote(c.id, c.text, c.language),))
            for c in comments
            if c.quotable
        ),
        tuple(c.id for c in comments if not c.quotable),
    )


@pytest.fixture
def decide(session: Session, moderator: Staff, now: datetime) -> Callable[..., None]:
    """decide(comment), decide(comment, Publication.WITHHELD), decide(comment, treatment=…)."""

    def decide(
        comment: Comment,
        publication: Publication = Publication.PUBLISHED,
        treatment: Treatment = Treatment.COUNTS,
    ) -> None:
        session.execute(update(Comment).where(Comment.id == comment.id).values(screened_at=now))
        session.commit()
        session.refresh(comment)
        reason = Reason.ABUSE if publication is Publication.WITHHELD else None
        decide_on(
            session,
            comment.id,
            version=comment.version,
            verdict=Verdict(publication, treatment, reason),
            moderator_id=moderator.id,
            now=now,
        )

    return decide


@pytest.fixture
def official(session: Session, stage: Stage) -> Staff:
    return build.staff(session, Role.OFFICIAL)


@pytest.fixture
def other_measure(session: Session, stage: Stage) -> Measure:
    """Measure 2-1, of the other pillar."""
    return build.measure(session, stage, "2-1")


@pytest.fixture
def compiled(session: Session, stage: Stage) -> Callable[..., None]:
    def compiled(compiler: Any = compile_points) -> None:
        compile_week(session, stage.id, WEEK, compiler, MONDAY_AFTER)

    return compiled


def page(client: FlaskClient, url: str = REPORT) -> str:
    response = client.get(url)

    assert response.status_code == 200, url
    return response.get_data(as_text=True)

"""Published comments, and a machine to translate them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests import build
from tests.interpreting.provider import Provider, running
from webapp.accounts.models import Staff
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.measures.models import Measure
from webapp.moderation.rules import Covered, Findings, Reason, Verdict
from webapp.moderation.screening import begin_screening, record_screening
from webapp.moderation.services import decide
from worker.interpreting import Desk
from worker.translators import Machine


@pytest.fixture(params=["libretranslate", "deepl", "openai"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each interface in turn."""
    return str(request.param)


@pytest.fixture
def provider(kind: str) -> Iterator[Provider]:
    with running(kind) as desk:
        yield desk


@pytest.fixture
def desk(kind: str, provider: Provider) -> Desk:
    """Japanese and English, plenty of characters, and plenty of time to answer."""
    machine = Machine(provider.url, "a-key", "a-model", 20, kind)
    return Desk(machine, ("ja", "en"), 100_000, 30)


@pytest.fixture
def impatient(desk: Desk) -> Desk:
    """The same desk, with an answer within half a second."""
    return replace(desk, machine=replace(desk.machine, seconds=0.5))


@pytest.fixture
def with_most(desk: Desk) -> Callable[[int], Desk]:
    return lambda most: replace(desk, most=most)


@pytest.fixture
def decide_on(
    session: Session, moderator: Staff, now: datetime
) -> Callable[[Comment, Verdict], None]:
    """Decide on a comment as it stands."""

    def decide_on(comment: Comment, verdict: Verdict) -> None:
        session.refresh(comment)
        decide(
            session,
            comment.id,
            version=comment.version,
            verdict=verdict,
            moderator_id=moderator.id,
            now=now,
        )

    return decide_on


@pytest.fixture
def publish(
    session: Session,
    measure: Measure,
    decide_on: Callable[[Comment, Verdict], None],
    now: datetime,
) -> Callable[..., Comment]:
    """Submit, screen and publish a comment; `covered` words are covered."""

    def publish(
        text: str = "歩道の除雪を早くしてほしい。", covered: str = "", **facts: Any
    ) -> Comment:
        made = build.comment(session, measure, text=text, now=now, **facts)
        begin_screening(session, made.id, now)
        record_screening(session, made.id, Findings("ja", [], f"{made.id:064d}", []), now)
        decide_on(made, covering(text, covered) if covered else Verdict(Publication.PUBLISHED))
        return made

    return publish


def covering(text: str, words: str) -> Verdict:
    start = text.index(words)
    span = Covered(start, start + len(words), Reason.PERSONAL_DATA)
    return Verdict(Publication.REDACTED, covered=(span,))

"""Shorthands for the two hands that touch a comment: the machine's and the moderator's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from webapp.accounts.models import Staff
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.moderation.models import Decision
from webapp.moderation.placing import place_comments
from webapp.moderation.rules import Findings, FoundFlag, Reason, Verdict
from webapp.moderation.services import begin_screening, decide, record_screening
from worker.analysis.duplicates import Comparing

PUBLISHED = Verdict(Publication.PUBLISHED)
WITHHELD = Verdict(Publication.WITHHELD, reason=Reason.ABUSE, note="言葉を選んでください。")


def findings(text: str, *flags: FoundFlag) -> Findings:
    """What a machine might find: equal texts have equal fingerprints, all stand on one shelf."""
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    return Findings("ja", flags, fingerprint, bands=[7, 8])


@pytest.fixture
def screen(session: Session, now: datetime) -> Callable[..., None]:
    """Screen a comment: screen(comment, FoundFlag(…))."""

    def screen(comment: Comment, *flags: FoundFlag) -> None:
        comment_id, text = comment.id, comment.text
        task = begin_screening(session, comment_id, now)
        assert task is not None
        record_screening(session, comment_id, findings(text, *flags), now)

    return screen


@pytest.fixture
def fold(session: Session) -> Callable[[], None]:
    """Fold what was screened into campaigns, as the worker does."""

    def fold() -> None:
        while place_comments(session, Comparing()):
            pass

    return fold


@pytest.fixture
def screened(
    make_comment: Callable[..., Comment], screen: Callable[..., None]
) -> Callable[..., Comment]:
    """Make a comment that has been screened and flagged with nothing."""

    def screened(*args: str, **facts: object) -> Comment:
        comment = make_comment(*args, **facts)
        screen(comment)
        return comment

    return screened


@pytest.fixture
def settle(session: Session, moderator: Staff, now: datetime) -> Callable[..., Decision]:
    """Decide on a comment as it stands now: settle(comment, PUBLISHED)."""

    def settle(comment: Comment, verdict: Verdict = PUBLISHED) -> Decision:
        session.refresh(comment)
        return decide(
            session,
            comment.id,
            version=comment.version,
            verdict=verdict,
            moderator_id=moderator.id,
            now=now,
        )

    return settle


@pytest.fixture
def desk(
    client: FlaskClient, moderator: Staff, sign_in: Callable[[FlaskClient, Staff], None]
) -> FlaskClient:
    """A browser in which a moderator is signed in."""
    sign_in(client, moderator)
    return client

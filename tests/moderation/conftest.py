"""Shorthands for the two hands that touch a comment: the machine's and the moderator's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import build
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.moderation.campaigns import ShownCampaign, campaign_for_desk
from webapp.moderation.covering_together import CoverTogether
from webapp.moderation.membership import Membership
from webapp.moderation.models import Campaign, Decision
from webapp.moderation.placing import place_comments
from webapp.moderation.rules import DeskRules, Findings, FoundFlag, Reason, Verdict
from webapp.moderation.services import begin_screening, decide, record_screening
from webapp.moderation.together import DecidedTogether, decide_together
from worker.analysis.duplicates import Comparing

PUBLISHED = Verdict(Publication.PUBLISHED)
DESK = DeskRules(second_person=True, undo_within=timedelta(seconds=60))
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
def campaign(
    screened: Callable[..., Comment], fold: Callable[[], None]
) -> Callable[..., list[int]]:
    """Let comments with these texts wait among their like: campaign(SNOW, SNOW, email="…")."""

    def campaign(*texts: str, **facts: object) -> list[int]:
        ids = [screened(text, **facts).id for text in texts]
        fold()
        return ids

    return campaign


@pytest.fixture
def other(session: Session) -> Staff:
    """A second person who may decide."""
    return build.staff(session, Role.MODERATOR, name="Suzuki Ichiro")


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


@pytest.fixture
def shown(session: Session) -> Callable[[], ShownCampaign]:
    """What a moderator sees now of the one campaign there is."""

    def shown() -> ShownCampaign:
        session.expire_all()
        found = campaign_for_desk(session, session.scalars(select(Campaign.id)).one())
        assert found is not None
        return found

    return shown


@pytest.fixture(name="decide")
def decide_what_was_shown(
    session: Session, moderator: Staff, now: datetime
) -> Callable[..., DecidedTogether]:
    """Make one decision on what a moderator was shown: decide(shown(), PUBLISHED)."""

    def decide(
        seen: ShownCampaign,
        verdict: Verdict = PUBLISHED,
        *,
        by: Staff = moderator,
        proposal: int | None = None,
        cover: CoverTogether | None = None,
    ) -> DecidedTogether:
        wordings = tuple(wording.id for wording in seen.wordings)
        return decide_together(
            session,
            seen.line.id,
            members=Membership(seen.upto, wordings, seen.shown, proposal),
            verdict=verdict,
            moderator_id=by.id,
            now=now,
            desk=DESK,
            cover=cover,
        )

    return decide

"""Who works on a comment: advice that expires, seen by the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.moderation.conftest import PUBLISHED
from tests.moderation.test_desk_pages import PUBLISH, WITHHOLD, page
from webapp.accounts.models import Staff
from webapp.audit.models import AuditEntry
from webapp.citytime import utc_now
from webapp.comments.models import Comment
from webapp.moderation.claiming import keep, leave, take_next, take_over, take_up
from webapp.moderation.claims import claim_on
from webapp.moderation.models import Claim
from webapp.moderation.queries import latest_decision
from webapp.moderation.queue_rules import QueueKey
from webapp.moderation.rules import LEAVING, HeldByAnother
from webapp.moderation.services import decide
from webapp.refusal import NotThere

LEASE = timedelta(minutes=10)
SECOND = timedelta(seconds=1)


@pytest.fixture
def hold(session: Session, now: datetime) -> Callable[..., None]:
    def hold(comment: Comment, who: Staff, at: datetime = now) -> None:
        take_up(session, comment.id, moderator_id=who.id, now=at, lasting=LEASE)

    return hold


def holder(session: Session, comment: Comment, at: datetime) -> str | None:
    claim = claim_on(session, comment.id, at)
    return claim.holder.name if claim else None


def test_of_two_who_reach_for_it_the_first_holds_it_and_the_second_is_told_until_when(
    session: Session,
    screened: Callable[..., Comment],
    moderator: Staff,
    other: Staff,
    hold: Callable[..., None],
    now: datetime,
) -> None:
    comment = screened()
    hold(comment, other)

    with pytest.raises(HeldByAnother) as caught:
        hold(comment, moderator)

    assert caught.value.facts == {"who": other.name, "ends_at": now + LEASE}
    with pytest.raises(NotThere):
        take_up(session, 999, moderator_id=other.id, now=now, lasting=LEASE)


def test_a_claim_ends_by_itself_and_lasts_longer_while_it_is_kept(
    session: Session,
    screened: Callable[..., Comment],
    moderator: Staff,
    other: Staff,
    hold: Callable[..., None],
    now: datetime,
) -> None:
    comment = screened()
    hold(comment, other)
    assert holder(session, comment, now + LEASE - SECOND) == other.name
    assert holder(session, comment, now + LEASE) is None

    keep(session, comment.id, moderator_id=other.id, now=now + LEASE, lasting=LEASE)
    keep(session, comment.id, moderator_id=moderator.id, now=now + LEASE, lasting=LEASE)
    assert holder(session, comment, now + 2 * LEASE - SECOND) == other.name

    hold(comment, moderator, now + 2 * LEASE)
    assert holder(session, comment, now + 2 * LEASE) == moderator.name


def test_what_is_left_is_free_and_what_is_only_closed_is_free_soon(
    session: Session,
    screened: Callable[..., Comment],
    moderator: Staff,
    other: Staff,
    hold: Callable[..., None],
    now: datetime,
) -> None:
    comment = screened()
    hold(comment, other)
    leave(session, comment.id, moderator_id=moderator.id, now=now)
    assert holder(session, comment, now) == other.name

    leave(session, comment.id, moderator_id=other.id, now=now, soon=True)
    assert holder(session, comment, now + LEAVING - SECOND) == other.name
    assert holder(session, comment, now + LEAVING) is None

    hold(comment, other)
    leave(session, comment.id, moderator_id=other.id, now=now)
    assert holder(session, comment, now) is None


def test_a_takeover_stays_on_record_with_both_names_and_its_reason(
    session: Session,
    screened: Callable[..., Comment],
    moderator: Staff,
    other: Staff,
    hold: Callable[..., None],
    desk: FlaskClient,
    now: datetime,
) -> None:
    comment = screened()
    hold(comment, other)
    where = f"/en/moderation/comments/{comment.id}/claim"

    empty = desk.post(f"{where}/take-over", data={"why": " "})
    assert empty.status_code == 400
    assert holder(session, comment, now) == other.name
    session.rollback()

    assert desk.post(f"{where}/take-over", data={"why": "She went home."}).status_code == 302
    assert holder(session, comment, now) == moderator.name
    told = page(desk, f"/en/moderation/comments/{comment.id}")
    assert f"{moderator.name} took it over from {other.name}." in told
    assert "She went home." in told
    trail = session.scalars(select(AuditEntry).where(AuditEntry.action == "comment.taken-over"))
    assert [entry.actor for entry in trail] == [f"staff:{moderator.id}"]


def test_taking_over_what_nobody_holds_is_taking_it_up(
    session: Session, screened: Callable[..., Comment], moderator: Staff, now: datetime
) -> None:
    comment = screened()

    take_over(session, comment.id, reason="?", moderator_id=moderator.id, now=now, lasting=LEASE)

    assert holder(session, comment, now) == moderator.name


def test_what_someone_holds_is_decided_by_nobody_else_until_the_claim_ends(
    session: Session,
    screened: Callable[..., Comment],
    moderator: Staff,
    other: Staff,
    hold: Callable[..., None],
    now: datetime,
) -> None:
    comment = screened()
    hold(comment, other)
    mine = {"version": 1, "verdict": PUBLISHED, "moderator_id": moderator.id}

    with pytest.raises(HeldByAnother):
        decide(session, comment.id, now=now, **mine)  # type: ignore[arg-type]
    decide(session, comment.id, now=now + LEASE, **mine)  # type: ignore[arg-type]

    assert latest_decision(session, comment.id) is not None
    assert session.scalar(select(func.count()).select_from(Claim)) == 0


def test_the_next_one_is_what_nobody_else_holds(
    session: Session,
    screened: Callable[..., Comment],
    moderator: Staff,
    other: Staff,
    hold: Callable[..., None],
    now: datetime,
) -> None:
    first, second = (screened(str(n), received_at=now - timedelta(hours=3 - n)) for n in (1, 2))
    hold(first, other)
    start = QueueKey(now - timedelta(days=1), 0)
    mine = {"moderator_id": moderator.id, "lasting": LEASE}

    assert take_next(session, start, now=now, **mine) == second.id  # type: ignore[arg-type]
    assert holder(session, second, now) == moderator.name
    assert take_next(session, start, now=now + LEASE, **mine) == first.id  # type: ignore[arg-type]


def test_opening_a_page_takes_nothing_up(
    desk: FlaskClient, session: Session, screened: Callable[..., Comment]
) -> None:
    where = f"/en/moderation/comments/{screened().id}"
    for url in (where, f"{where}/claim", "/en/moderation"):
        page(desk, url)

    assert session.scalar(select(func.count()).select_from(Claim)) == 0
    assert "Nobody has taken this up" in page(desk, where)


def test_others_see_in_the_queue_and_on_the_page_who_has_it(
    app: Flask,
    session: Session,
    screened: Callable[..., Comment],
    other: Staff,
    desk: FlaskClient,
    sign_in: Callable[[FlaskClient, Staff], None],
) -> None:
    comment_id = screened().id
    theirs = app.test_client()
    sign_in(theirs, other)
    taken = theirs.post("/en/moderation/next")
    where = f"/en/moderation/comments/{comment_id}"

    assert taken.headers["Location"] == where
    assert "You have taken this up" in page(theirs, where)
    for url in ("/en/moderation", where, f"{where}/claim"):
        assert "Suzuki Ichiro is working on this" in page(desk, url)
    assert 'name="publication"' not in page(desk, where)
    assert desk.post(f"{where}/claim").headers["Location"] == where

    refused = desk.post(where, data=WITHHOLD)
    assert refused.status_code == 409
    assert "Suzuki Ichiro" in refused.get_data(as_text=True)
    assert WITHHOLD["note"] in refused.get_data(as_text=True)

    assert theirs.post(f"{where}/claim/leave?soon=1").status_code == 204
    assert theirs.post(f"{where}/claim/keep").status_code == 204
    assert theirs.post(f"{where}/claim/leave").status_code == 302
    assert 'name="publication"' in page(desk, where)


def test_a_decision_takes_up_the_next_comment(
    desk: FlaskClient,
    session: Session,
    screened: Callable[..., Comment],
    moderator: Staff,
    now: datetime,
) -> None:
    first, second = (screened(str(n), received_at=now - timedelta(hours=3 - n)) for n in (1, 2))

    desk.post(f"/en/moderation/comments/{first.id}", data=PUBLISH)

    assert holder(session, second, now) == moderator.name


def test_a_comment_that_is_passed_over_is_free_again(
    desk: FlaskClient,
    session: Session,
    screened: Callable[..., Comment],
    hold: Callable[..., None],
    moderator: Staff,
    now: datetime,
) -> None:
    first, second = (screened(str(n), received_at=now - timedelta(hours=3 - n)) for n in (1, 2))
    hold(first, moderator)
    here = QueueKey(first.received_at, first.id)
    session.rollback()

    told = desk.post("/en/moderation/next", data={"after": str(here)})
    at_the_answer = utc_now()

    assert told.headers["Location"] == f"/en/moderation/comments/{second.id}"
    assert holder(session, first, at_the_answer) is None
    assert holder(session, second, at_the_answer) == moderator.name


def test_a_page_that_was_overtaken_says_so(
    desk: FlaskClient, screened: Callable[..., Comment]
) -> None:
    where = f"/en/moderation/comments/{screened().id}/claim"

    assert "Something has happened" not in page(desk, f"{where}?seen=1")
    assert "Something has happened" in page(desk, f"{where}?seen=0")

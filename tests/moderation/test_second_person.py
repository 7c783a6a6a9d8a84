"""Withholding, and "not an opinion", take two people, as long as there are two."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests import build
from tests.moderation.conftest import PUBLISHED, WITHHELD
from tests.moderation.test_desk_pages import PUBLISH, WITHHOLD, page
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.audit.models import AuditEntry
from webapp.comments.models import Comment
from webapp.comments.rules import Publication, Treatment
from webapp.letters.models import Delivery
from webapp.letters.rules import LetterKind
from webapp.moderation.models import Decision, Proposal
from webapp.moderation.queries import decisions_of, next_waiting
from webapp.moderation.queue_rules import QueueKey
from webapp.moderation.rules import (
    AlreadyProposed,
    DeskRules,
    Reason,
    SecondLookIsForAnother,
    Verdict,
)
from webapp.moderation.services import decide
from webapp.moderation.settings import takes_second_person
from webapp.moderation.undoing import undo
from webapp.receipts.services import ask_for_second_look

DESK = DeskRules(second_person=True, undo_within=timedelta(minutes=1))
SPAM = Verdict(Publication.WITHHELD, Treatment.NOT_AN_OPINION, Reason.ADVERTISING)
EMPTY = Verdict(Publication.PUBLISHED, Treatment.NOT_AN_OPINION)
START = QueueKey(datetime.fromisoformat("2020-01-01T00:00:00+00:00"), 0)


@pytest.fixture
def other(session: Session) -> Staff:
    return build.staff(session, Role.ADMINISTRATOR, name="Suzuki Ichiro")


@pytest.fixture
def say(session: Session, now: datetime) -> Callable[..., Decision | Proposal]:
    """What somebody says of a comment as it stands: say(who, comment, WITHHELD)."""

    def say(who: Staff, comment: Comment, verdict: Verdict) -> Decision | Proposal:
        session.refresh(comment)
        said = decide(
            session,
            comment.id,
            version=comment.version,
            verdict=verdict,
            moderator_id=who.id,
            now=now,
            desk=DESK,
        )
        session.refresh(comment)
        return said

    return say


Say = Callable[..., Decision | Proposal]


def letters(session: Session) -> int:
    decisions = select(func.count()).where(Delivery.kind == LetterKind.DECISION)
    return session.scalar(decisions) or 0


@pytest.mark.parametrize("verdict", [WITHHELD, SPAM, EMPTY])
def test_the_first_persons_word_is_a_proposal_and_the_second_settles_it(
    session: Session,
    screened: Callable[..., Comment],
    moderator: Staff,
    other: Staff,
    say: Say,
    verdict: Verdict,
) -> None:
    comment = screened(email="author@example.jp")

    assert isinstance(say(moderator, comment, verdict), Proposal)
    assert comment.publication is Publication.WAITING
    assert letters(session) == 0
    assert next_waiting(session, START, moderator_id=moderator.id) is None
    assert next_waiting(session, START, moderator_id=other.id) == comment.id

    assert isinstance(say(other, comment, verdict), Decision)
    assert (comment.publication, comment.treatment) == (verdict.publication, verdict.treatment)
    assert letters(session) == 1


def test_publishing_takes_one_person(
    screened: Callable[..., Comment], moderator: Staff, other: Staff, say: Say
) -> None:
    scope = Verdict(Publication.PUBLISHED, Treatment.OUT_OF_SCOPE)

    assert isinstance(say(moderator, screened(), PUBLISHED), Decision)
    assert isinstance(say(moderator, screened("別の意見"), scope), Decision)


def test_the_second_person_may_decide_otherwise(
    session: Session, screened: Callable[..., Comment], moderator: Staff, other: Staff, say: Say
) -> None:
    comment = screened()
    say(moderator, comment, WITHHELD)
    say(other, comment, PUBLISHED)

    assert comment.publication is Publication.PUBLISHED
    assert session.scalars(select(Proposal.note)).all() == [WITHHELD.note]


def test_a_graver_word_of_the_second_waits_for_the_first(
    screened: Callable[..., Comment], moderator: Staff, other: Staff, say: Say
) -> None:
    comment = screened()
    say(moderator, comment, WITHHELD)

    assert isinstance(say(other, comment, SPAM), Proposal)
    assert isinstance(say(moderator, comment, SPAM), Decision)


def test_nobody_agrees_with_oneself(
    screened: Callable[..., Comment], moderator: Staff, other: Staff, say: Say
) -> None:
    comment = screened()
    say(moderator, comment, WITHHELD)

    assert isinstance(say(moderator, comment, WITHHELD), Proposal)
    assert comment.publication is Publication.WAITING


def test_who_is_left_alone_settles_alone(
    session: Session,
    screened: Callable[..., Comment],
    moderator: Staff,
    other: Staff,
    say: Say,
    desk: FlaskClient,
    now: datetime,
) -> None:
    build.staff(session, Role.OFFICIAL)
    comment = screened()
    where = f"/en/moderation/comments/{comment.id}"
    assert "take a second person" in page(desk, where)
    say(moderator, comment, WITHHELD)
    other.disabled_at = now
    session.commit()

    told = page(desk, where)
    assert "Nobody else is left who may decide, so you may settle it alone." in told
    assert "Agree, and go to the next" in told
    assert isinstance(say(moderator, comment, WITHHELD), Decision)
    assert "You are the only one who may decide now" in page(desk, where)


def test_what_was_published_is_hidden_until_a_second_person_has_spoken(
    session: Session,
    screened: Callable[..., Comment],
    moderator: Staff,
    other: Staff,
    say: Say,
    client: FlaskClient,
) -> None:
    comment = screened("個人の名前がある意見")
    public = "/ja/stages/5th/measures/1-1"
    say(moderator, comment, PUBLISHED)
    session.rollback()
    assert "個人の名前がある意見" in page(client, public)

    say(moderator, comment, WITHHELD)
    session.rollback()
    assert "個人の名前がある意見" not in page(client, public)
    assert next_waiting(session, START, moderator_id=other.id) == comment.id


def test_a_hand_that_slipped_twice_proposed_once_and_another_is_told_who(
    session: Session,
    screened: Callable[..., Comment],
    moderator: Staff,
    other: Staff,
    now: datetime,
) -> None:
    comment_id = screened().id
    read = {"version": 1, "verdict": WITHHELD, "now": now, "desk": DESK}
    mine = [
        decide(session, comment_id, moderator_id=moderator.id, **read).id  # type: ignore[arg-type]
        for _ in range(2)
    ]

    assert mine[0] == mine[1]
    with pytest.raises(AlreadyProposed) as caught:
        decide(session, comment_id, moderator_id=other.id, **read)  # type: ignore[arg-type]
    assert caught.value.facts == {"who": moderator.name, "proposed_at": now}


def test_a_proposal_can_be_taken_back_as_long_as_it_waits(
    session: Session,
    screened: Callable[..., Comment],
    moderator: Staff,
    other: Staff,
    say: Say,
    now: datetime,
) -> None:
    comment = screened()
    say(moderator, comment, PUBLISHED)
    said = say(moderator, comment, WITHHELD)
    hour = now + timedelta(hours=1)
    undo(
        session,
        comment.id,
        version=said.version,
        moderator_id=moderator.id,
        now=hour,
        within=DESK.undo_within,
    )
    session.refresh(comment)

    assert (comment.publication, comment.treatment) == (Publication.PUBLISHED, Treatment.COUNTS)
    assert isinstance(say(other, comment, WITHHELD), Proposal)


def test_a_second_look_is_for_someone_who_had_no_hand_in_the_withholding(
    session: Session,
    screened: Callable[..., Comment],
    moderator: Staff,
    other: Staff,
    say: Say,
    now: datetime,
) -> None:
    third = build.staff(session, Role.MODERATOR)
    comment = screened()
    say(moderator, comment, WITHHELD)
    say(other, comment, WITHHELD)
    ask_for_second_look(session, comment.id, note="", version=comment.version, now=now)

    for hand in (moderator, other):
        assert next_waiting(session, START, moderator_id=hand.id) is None
        with pytest.raises(SecondLookIsForAnother):
            say(hand, comment, PUBLISHED)
        session.rollback()
    assert next_waiting(session, START, moderator_id=third.id) == comment.id
    assert isinstance(say(third, comment, WITHHELD), Decision)  # three people have said so


def test_of_two_the_one_who_only_proposed_takes_the_second_look(
    session: Session,
    screened: Callable[..., Comment],
    moderator: Staff,
    other: Staff,
    say: Say,
    now: datetime,
) -> None:
    comment = screened()
    say(moderator, comment, WITHHELD)
    say(other, comment, WITHHELD)
    ask_for_second_look(session, comment.id, note="", version=comment.version, now=now)

    with pytest.raises(SecondLookIsForAnother):
        say(other, comment, PUBLISHED)
    session.rollback()
    assert next_waiting(session, START, moderator_id=moderator.id) == comment.id
    assert isinstance(say(moderator, comment, SPAM), Proposal)
    assert isinstance(say(other, comment, SPAM), Decision)  # nobody else could be the second


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_second_person_sees_the_proposal_and_agrees_with_one_press(
    app: Flask,
    session: Session,
    screened: Callable[..., Comment],
    other: Staff,
    desk: FlaskClient,
    sign_in: Callable[[FlaskClient, Staff], None],
    lang: str,
) -> None:
    comment_id = screened().id
    where = f"/{lang}/moderation/comments/{comment_id}"
    theirs = app.test_client()
    sign_in(theirs, other)
    words = {
        "en": ("Needs a second person", "Agree, and go to the next", "Take it back"),
        "ja": ("二人目の確認待ち", "同意して次の意見へ", "提案を取り下げる"),
    }[lang]

    proposed = desk.post(where, data=WITHHOLD)
    told = page(desk, proposed.headers["Location"])
    assert words[2] in told
    mine = page(desk, where)
    assert words[2] in mine
    assert words[1] not in mine
    assert words[0] in page(theirs, f"/{lang}/moderation")
    assert words[1] in page(theirs, where)
    assert WITHHOLD["note"] in page(theirs, where)

    assert theirs.post(where, data={**WITHHOLD, "version": "2"}).status_code == 302
    (decision,) = decisions_of(session, comment_id)
    assert (decision.moderator_id, decision.note) == (other.id, WITHHOLD["note"])
    assert decision.publication is Publication.WITHHELD


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_an_administrator_may_do_without_and_the_trail_says_who(
    app: Flask,
    session: Session,
    sign_in: Callable[[FlaskClient, Staff], None],
    screened: Callable[..., Comment],
    other: Staff,
    desk: FlaskClient,
    lang: str,
) -> None:
    chief, office = build.staff(session, Role.ADMINISTRATOR), app.test_client()
    sign_in(office, chief)
    settings = f"/{lang}/moderation/settings"

    assert desk.get(settings).status_code == 403
    assert desk.post(settings, data={"second_person": "off"}).status_code == 403
    assert office.post(settings, data={"second_person": "perhaps"}).status_code == 400
    assert takes_second_person(session)
    session.rollback()
    for _ in range(2):
        office.post(settings, data={"second_person": "off"})
    assert chief.name in page(office, settings)
    trail = select(AuditEntry.actor).where(AuditEntry.action == "desk.second-person-set")
    assert session.scalars(trail).all() == [f"staff:{chief.id}"]
    session.rollback()
    comment = screened()
    where = f"/en/moderation/comments/{comment.id}"

    assert "second person" not in page(desk, where)
    desk.post(where, data=WITHHOLD)
    session.refresh(comment)
    assert comment.publication is Publication.WITHHELD
    desk.post(where, data={**PUBLISH, "version": "2"})
    session.refresh(comment)
    assert comment.publication is Publication.PUBLISHED
    office.post(settings, data={"second_person": "on"})
    session.rollback()
    assert takes_second_person(session)
    assert "second person" in page(desk, f"/en/moderation/comments/{screened().id}")

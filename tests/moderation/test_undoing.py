"""One's own decision can be undone for a minute: the record keeps it, the letter never goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests import build
from tests.moderation.conftest import PUBLISHED, WITHHELD
from tests.moderation.test_desk_pages import PUBLISH, page
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.audit.models import AuditEntry
from webapp.comments.models import Comment
from webapp.comments.rules import Publication, Treatment
from webapp.letters.models import Delivery
from webapp.letters.queries import owed_deliveries
from webapp.letters.rules import LetterKind
from webapp.letters.services import claim
from webapp.measures.queries import edition_number
from webapp.moderation.models import Decision
from webapp.moderation.queries import decisions_of, is_first_decision, latest_decision
from webapp.moderation.rules import DeskRules, TooLateToUndo, Verdict
from webapp.moderation.services import decide
from webapp.moderation.undoing import undo
from webapp.moderation.undoing_together import undo_together
from webapp.receipts.queries import may_be_revised
from webapp.receipts.services import ask_for_second_look
from webapp.refusal import NotThere

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def done(session: Session, moderator: Staff, now: datetime) -> Callable[..., Decision]:
    """Decide on a comment as it stands, with a minute to undo it."""

    def done(comment: Comment, verdict: Verdict = PUBLISHED) -> Decision:
        session.refresh(comment)
        made = decide(
            session,
            comment.id,
            version=comment.version,
            verdict=verdict,
            moderator_id=moderator.id,
            now=now,
            desk=DeskRules(undo_within=MINUTE),
        )
        assert isinstance(made, Decision)
        return made

    return done


@pytest.fixture
def taken_back(session: Session, now: datetime) -> Callable[..., None]:
    """Undo a decision: taken_back(decision, after=…, by=…)."""

    def taken_back(decision: Decision, *, after: timedelta = SECOND, by: int | None = None) -> None:
        undo(
            session,
            decision.comment_id,
            version=decision.version,
            moderator_id=by or decision.moderator_id,
            now=now + after,
            within=MINUTE,
        )

    return taken_back


def decision_letters(session: Session) -> list[int]:
    owed = select(Delivery.id).where(Delivery.kind == LetterKind.DECISION)
    return list(session.scalars(owed))


def test_an_undone_decision_stays_in_the_record_and_the_comment_waits_as_before(
    session: Session,
    screened: Callable[..., Comment],
    done: Callable[..., Decision],
    taken_back: Callable[..., None],
    now: datetime,
) -> None:
    comment = screened(email="author@example.jp")
    taken_back(done(comment))
    session.refresh(comment)

    assert (comment.publication, comment.treatment, comment.version) == (
        Publication.WAITING,
        Treatment.UNDECIDED,
        3,
    )
    assert len(decisions_of(session, comment.id)) == 1
    assert latest_decision(session, comment.id) is None
    assert may_be_revised(comment, now)
    assert decision_letters(session) == []
    assert is_first_decision(session, done(comment, WITHHELD))


def test_the_letter_goes_when_the_minute_has_passed_and_not_before(
    session: Session, screened: Callable[..., Comment], done: Callable[..., Decision], now: datetime
) -> None:
    done(screened(email="author@example.jp"))
    (letter,) = decision_letters(session)

    assert letter not in owed_deliveries(session, now + MINUTE - SECOND)
    assert letter in owed_deliveries(session, now + MINUTE)


def test_after_a_minute_it_stands(
    screened: Callable[..., Comment],
    done: Callable[..., Decision],
    taken_back: Callable[..., None],
) -> None:
    with pytest.raises(TooLateToUndo):
        taken_back(done(screened()), after=MINUTE)


def test_a_letter_on_its_way_cannot_be_taken_back(
    session: Session,
    screened: Callable[..., Comment],
    done: Callable[..., Decision],
    taken_back: Callable[..., None],
    now: datetime,
) -> None:
    comment = screened(email="author@example.jp")
    decision = done(comment)
    (letter,) = decision_letters(session)
    claim(session, letter, domain="x.example", now=now)  # by a worker whose clock is ahead

    with pytest.raises(TooLateToUndo):
        taken_back(decision)
    session.refresh(comment)
    assert comment.publication is Publication.PUBLISHED
    assert decision_letters(session) == [letter]


def test_nobody_undoes_what_another_decided(
    session: Session,
    screened: Callable[..., Comment],
    done: Callable[..., Decision],
    taken_back: Callable[..., None],
) -> None:
    with pytest.raises(TooLateToUndo):
        taken_back(done(screened()), by=build.staff(session, Role.MODERATOR).id)


def test_what_has_moved_on_is_not_undone(
    session: Session,
    screened: Callable[..., Comment],
    done: Callable[..., Decision],
    taken_back: Callable[..., None],
    now: datetime,
) -> None:
    decision = done(screened(), WITHHELD)
    ask_for_second_look(session, decision.comment_id, note="", version=2, now=now)

    with pytest.raises(TooLateToUndo):
        taken_back(decision)


def test_undoing_twice_is_undoing_once(
    session: Session,
    screened: Callable[..., Comment],
    done: Callable[..., Decision],
    taken_back: Callable[..., None],
) -> None:
    comment = screened()
    decision = done(comment)
    for _ in range(2):
        taken_back(decision)

    session.refresh(comment)
    undone = select(func.count()).where(AuditEntry.action == "comment.undone")
    assert (comment.version, session.scalar(undone)) == (3, 1)


def test_what_nobody_decided_cannot_be_undone(
    session: Session, screened: Callable[..., Comment], moderator: Staff, now: datetime
) -> None:
    with pytest.raises(NotThere):
        undo(
            session,
            screened().id,
            version=7,
            moderator_id=moderator.id,
            now=now,
            within=MINUTE,
        )


def test_undoing_a_correction_brings_back_what_stood_and_the_public_page_with_it(
    session: Session,
    screened: Callable[..., Comment],
    done: Callable[..., Decision],
    taken_back: Callable[..., None],
) -> None:
    comment = screened()
    first = done(comment)
    second = done(comment, WITHHELD)
    before = edition_number(session)
    taken_back(second)
    session.refresh(comment)

    assert (comment.publication, comment.treatment) == (Publication.PUBLISHED, Treatment.COUNTS)
    assert latest_decision(session, comment.id) == first
    assert edition_number(session) == before + 1


def test_undoing_a_second_look_leaves_the_appeal_open(
    session: Session,
    screened: Callable[..., Comment],
    done: Callable[..., Decision],
    taken_back: Callable[..., None],
    now: datetime,
) -> None:
    comment = screened()
    done(comment, WITHHELD)
    ask_for_second_look(session, comment.id, note="", version=2, now=now)
    taken_back(done(comment))
    session.refresh(comment)

    assert (comment.publication, comment.treatment) == (Publication.WAITING, Treatment.COUNTS)
    done(comment)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_one_press_on_the_notice_undoes_it_and_leads_back_to_the_comment(
    desk: FlaskClient, session: Session, screened: Callable[..., Comment], lang: str
) -> None:
    comment_id = screened().id
    where = f"/{lang}/moderation/comments/{comment_id}"
    decided = desk.post(where, data={**PUBLISH, "note": "ひとこと"})
    notice = page(desk, decided.headers["Location"])
    assert f"{where}/undo" in notice

    back = desk.post(f"{where}/undo", data={"version": "1"})
    assert back.headers["Location"] == where
    told = page(desk, where)
    assert {"ja": "もう一度審査を待っています", "en": "It waits again."}[lang] in told
    assert 'name="version" type="hidden" value="3"' in told
    assert ">\nひとこと</textarea>" in told.replace("\r", "")
    assert f"{where}/undo" not in page(desk, decided.headers["Location"])


def test_a_form_that_names_a_correction_takes_it_back_with_no_others(
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    moderator: Staff,
    now: datetime,
) -> None:
    """Together means back to where nobody had decided, and here somebody had."""
    comment = screened()
    settle(comment)
    correction = settle(comment, WITHHELD)
    with pytest.raises(TooLateToUndo):
        undo_together(
            session,
            decision_id=correction.id,
            proposal_id=None,
            moderator_id=moderator.id,
            now=now,
            within=MINUTE,
        )
    session.refresh(comment)

    assert (comment.publication, comment.version) == (Publication.WITHHELD, 3)


def test_a_version_that_no_database_can_hold_names_nothing(
    desk: FlaskClient, screened: Callable[..., Comment]
) -> None:
    where = f"/en/moderation/comments/{screened().id}/undo"

    assert desk.post(where, data={"version": str(2**70)}).status_code == 404

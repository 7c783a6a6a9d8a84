from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests import build
from tests.moderation.conftest import PUBLISHED, WITHHELD
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.audit.models import AuditEntry
from webapp.audit.rules import digest
from webapp.comments.models import Comment
from webapp.comments.rules import Publication, Treatment
from webapp.db import db
from webapp.letters.models import Delivery
from webapp.letters.rules import DeliveryState, LetterKind
from webapp.measures.queries import edition_number
from webapp.moderation.models import Decision
from webapp.moderation.queries import decisions_of, is_first_decision, latest_decision
from webapp.moderation.rules import (
    AlreadyDecided,
    CommentChanged,
    NotScreenedYet,
    Reason,
    Verdict,
)
from webapp.moderation.services import begin_screening, decide
from webapp.refusal import NotThere


def test_a_decision_settles_publication_and_treatment_apart(
    session: Session, screened: Callable[..., Comment], settle: Callable[..., Decision]
) -> None:
    comment = screened()

    settle(comment, Verdict(Publication.WITHHELD, Treatment.OUT_OF_SCOPE, Reason.OFF_TOPIC))

    session.refresh(comment)
    assert comment.publication is Publication.WITHHELD
    assert comment.treatment is Treatment.OUT_OF_SCOPE
    assert comment.version == 2


def test_two_moderators_make_one_decision(
    app: Flask, session: Session, screened: Callable[..., Comment], now: datetime
) -> None:
    comment_id = screened().id
    people = [build.staff(session, Role.MODERATOR, name=f"Moderator {n}") for n in range(4)]
    ids = {person.id: person.name for person in people}
    session.rollback()
    start = threading.Barrier(len(ids))
    won: list[int] = []
    lost: list[tuple[object, object]] = []

    def read_and_decide(moderator_id: int) -> None:
        with app.app_context():
            start.wait()
            try:
                decide(
                    db.session(),
                    comment_id,
                    version=1,
                    verdict=PUBLISHED if moderator_id % 2 else WITHHELD,
                    moderator_id=moderator_id,
                    now=now,
                )
                won.append(moderator_id)
            except AlreadyDecided as refusal:
                lost.append((refusal.facts["who"], refusal.facts["decided_at"]))

    threads = [threading.Thread(target=read_and_decide, args=(person,)) for person in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert lost == [(ids[won[0]], now)] * (len(ids) - 1)
    assert [d.moderator_id for d in decisions_of(session, comment_id)] == won
    assert len(audited(session)) == 1


def test_the_later_one_is_told_who_decided_and_when(
    session: Session, screened: Callable[..., Comment], moderator: Staff, now: datetime
) -> None:
    comment_id, other = screened().id, build.staff(session, Role.MODERATOR)
    decide(session, comment_id, version=1, verdict=PUBLISHED, moderator_id=moderator.id, now=now)

    with pytest.raises(AlreadyDecided) as caught:
        decide(session, comment_id, version=1, verdict=WITHHELD, moderator_id=other.id, now=now)

    assert caught.value.facts == {"who": moderator.name, "decided_at": now}


def test_one_persons_double_click_is_one_decision(
    session: Session, screened: Callable[..., Comment], moderator: Staff, now: datetime
) -> None:
    comment_id = screened().id
    decisions = [
        decide(
            session,
            comment_id,
            version=1,
            verdict=WITHHELD,
            moderator_id=moderator.id,
            now=now + timedelta(seconds=click),
        ).id
        for click in range(2)
    ]

    assert decisions[0] == decisions[1]
    assert len(decisions_of(session, comment_id)) == 1


def test_a_version_that_nobody_decided_is_no_decision(
    session: Session, screened: Callable[..., Comment], moderator: Staff, now: datetime
) -> None:
    comment_id = screened().id

    with pytest.raises(CommentChanged):
        decide(
            session, comment_id, version=9, verdict=PUBLISHED, moderator_id=moderator.id, now=now
        )

    assert latest_decision(session, comment_id) is None


def test_an_unknown_comment_is_not_there(session: Session, moderator: Staff, now: datetime) -> None:
    with pytest.raises(NotThere):
        decide(session, 999, version=1, verdict=PUBLISHED, moderator_id=moderator.id, now=now)


def test_what_the_machine_has_not_checked_cannot_be_decided(
    session: Session, make_comment: Callable[..., Comment], moderator: Staff, now: datetime
) -> None:
    comment_id = make_comment().id
    begin_screening(session, comment_id, now)

    with pytest.raises(NotScreenedYet):
        decide(
            session, comment_id, version=1, verdict=PUBLISHED, moderator_id=moderator.id, now=now
        )


def test_a_correction_is_added_and_the_first_decision_stands_as_it_was(
    session: Session, screened: Callable[..., Comment], settle: Callable[..., Decision]
) -> None:
    comment = screened()
    first = settle(comment, PUBLISHED)
    second = settle(comment, WITHHELD)

    assert [
        (d.version, d.publication, d.reason, d.note) for d in decisions_of(session, comment.id)
    ] == [
        (2, Publication.WITHHELD, Reason.ABUSE, WITHHELD.note),
        (1, Publication.PUBLISHED, None, ""),
    ]
    assert latest_decision(session, comment.id) is second
    assert is_first_decision(session, first)
    assert not is_first_decision(session, second)


def test_the_database_itself_keeps_a_version_from_being_decided_twice(
    session: Session, screened: Callable[..., Comment], settle: Callable[..., Decision]
) -> None:
    first = settle(screened())
    session.add(
        Decision(
            comment_id=first.comment_id,
            version=first.version,
            publication=first.publication,
            treatment=first.treatment,
            note="",
            moderator_id=first.moderator_id,
            decided_at=first.decided_at,
        )
    )

    with pytest.raises(IntegrityError):
        session.flush()


def test_the_database_itself_asks_for_a_reason(
    session: Session, screened: Callable[..., Comment], settle: Callable[..., Decision]
) -> None:
    decision = settle(screened())
    decision.publication = Publication.WITHHELD

    with pytest.raises(IntegrityError):
        session.flush()


def test_the_trail_tells_who_decided_and_proves_what(
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    moderator: Staff,
) -> None:
    comment = screened()
    settle(comment, WITHHELD)

    (entry,) = audited(session)
    assert (entry.actor, entry.subject) == (f"staff:{moderator.id}", f"comment:{comment.id}")
    assert entry.before == digest(
        {"publication": "waiting", "treatment": "undecided", "version": 1}
    )
    assert entry.after == digest(
        {
            "publication": "withheld",
            "treatment": "counts",
            "version": 2,
            "reason": "abuse",
            "note": WITHHELD.note,
        }
    )


def test_the_public_pages_turn_only_when_something_visible_changes(
    session: Session, screened: Callable[..., Comment], settle: Callable[..., Decision]
) -> None:
    comment = screened()
    editions = [edition_number(session)]
    noted = replace(WITHHELD, note="another")
    for verdict in (WITHHELD, noted, PUBLISHED, PUBLISHED, WITHHELD):
        settle(comment, verdict)
        editions.append(edition_number(session))

    turned = [after - before for before, after in pairwise(editions)]
    assert turned == [0, 0, 1, 0, 1]


def test_an_author_who_left_an_address_is_owed_one_letter(
    session: Session, screened: Callable[..., Comment], settle: Callable[..., Decision]
) -> None:
    decision = settle(screened(email="author@example.jp"), WITHHELD)

    (owed,) = session.scalars(select(Delivery).where(Delivery.kind == LetterKind.DECISION)).all()
    assert (owed.kind, owed.subject_id, owed.recipient, owed.state) == (
        LetterKind.DECISION,
        decision.id,
        f"author:{decision.comment_id}",
        DeliveryState.OWED,
    )


def test_nobody_is_written_to_who_left_no_address(
    session: Session, screened: Callable[..., Comment], settle: Callable[..., Decision]
) -> None:
    settle(screened(), WITHHELD)

    assert session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_a_correction_owes_a_letter_of_its_own(
    session: Session, screened: Callable[..., Comment], settle: Callable[..., Decision]
) -> None:
    comment = screened(email="author@example.jp")
    decisions = [settle(comment, PUBLISHED).id, settle(comment, WITHHELD).id]

    letters = select(Delivery.subject_id).where(Delivery.kind == LetterKind.DECISION)
    owed = session.scalars(letters.order_by(Delivery.id)).all()
    assert list(owed) == decisions


def test_who_comes_second_owes_no_letter(
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    now: datetime,
) -> None:
    comment = screened(email="author@example.jp")
    settle(comment, PUBLISHED)
    other = build.staff(session, Role.MODERATOR)
    with pytest.raises(AlreadyDecided):
        decide(session, comment.id, version=1, verdict=WITHHELD, moderator_id=other.id, now=now)

    decisions = select(func.count()).where(Delivery.kind == LetterKind.DECISION)
    assert session.scalar(decisions) == 1


def audited(session: Session) -> list[AuditEntry]:
    entries = select(AuditEntry).where(AuditEntry.action == "comment.decided")
    return list(session.scalars(entries))

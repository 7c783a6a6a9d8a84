"""Sending a comment: what is written, what is refused, and that nothing is doubled."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from tests import build
from webapp.audit.models import AuditEntry
from webapp.comments.models import Comment, Contact, ReceiptRow
from webapp.comments.queries import receipt_with_secret
from webapp.comments.rules import (
    Draft,
    FormKeyReused,
    PeriodClosed,
    PeriodNotOpen,
    Publication,
    Receipt,
    Stance,
)
from webapp.comments.services import submit_comment
from webapp.measures.models import Measure, Stage

DRAFT = Draft(text="歩道の雪を早くどけてほしい。", language="ja", form_key="a form")


@pytest.fixture
def submit(session: Session, measure: Measure, now: datetime) -> Callable[..., Receipt]:
    def submit(draft: Draft = DRAFT, at: datetime = now) -> Receipt:
        return submit_comment(
            session,
            measure,
            draft,
            secret_key=build.SECRET_KEY,
            sealer=build.SEALER,
            now=at,
        )

    return submit


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_comment_its_receipt_and_its_audit_entry_are_written_together(
    submit: Callable[..., Receipt], session: Session
) -> None:
    before = count(session, AuditEntry)
    receipt = submit(replace(DRAFT, stance=Stance.SUGGEST, action_code="1-1-2"))
    comment = session.scalars(select(Comment)).one()

    assert comment.text == DRAFT.text
    assert comment.publication is Publication.WAITING
    assert comment.action is not None
    assert comment.action.code == "1-1-2"
    assert session.scalars(select(ReceiptRow)).one().number == receipt.number
    assert count(session, AuditEntry) == before + 1


def test_the_same_form_sent_twice_is_one_comment_with_one_receipt(
    submit: Callable[..., Receipt], session: Session
) -> None:
    first, second = submit(), submit()

    assert first == second
    assert count(session, Comment) == 1


def test_the_same_form_with_another_text_is_refused(
    submit: Callable[..., Receipt], session: Session
) -> None:
    submit()

    with pytest.raises(FormKeyReused):
        submit(replace(DRAFT, text="まったく別の意見です。"))
    assert count(session, Comment) == 1


def test_one_form_sent_by_eight_threads_at_once_is_one_comment(
    app: object, session: Session, measure: Measure, now: datetime, database_url: str
) -> None:
    measure_id = measure.id
    session.rollback()
    engine = create_engine(database_url, connect_args=build.patience(database_url))
    receipts: list[Receipt] = []
    start = threading.Barrier(8)

    def send() -> None:
        with Session(engine) as own:
            known = own.get(Measure, measure_id)
            assert known is not None
            start.wait()
            receipts.append(
                submit_comment(
                    own,
                    known,
                    DRAFT,
                    secret_key=build.SECRET_KEY,
                    sealer=build.SEALER,
                    now=now,
                )
            )

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()

    assert len(receipts) == 8
    assert len(set(receipts)) == 1
    assert count(session, Comment) == 1


def test_the_last_instant_of_the_period_is_open_and_the_next_is_closed(
    submit: Callable[..., Receipt], session: Session, stage: Stage, now: datetime
) -> None:
    closes_at = now - timedelta(days=1) + timedelta(days=30)
    submit(at=closes_at - timedelta(microseconds=1))

    with pytest.raises(PeriodClosed):
        submit(replace(DRAFT, form_key="another form"), closes_at)
    with pytest.raises(PeriodNotOpen):
        submit(replace(DRAFT, form_key="an early form"), now - timedelta(days=2))
    assert count(session, Comment) == 1


def test_an_address_is_kept_sealed_and_apart(
    submit: Callable[..., Receipt], session: Session
) -> None:
    submit(replace(DRAFT, email="author@example.jp"))
    contact = session.scalars(select(Contact)).one()

    assert b"author" not in contact.sealed_email
    assert build.SEALER.open(contact.sealed_email) == "author@example.jp"


def test_the_secret_is_not_stored_and_opens_only_its_own_comment(
    submit: Callable[..., Receipt], session: Session
) -> None:
    receipt = submit()
    other = submit(replace(DRAFT, form_key="another form"))
    stored = session.scalars(select(ReceiptRow.secret_digest)).all()
    as_typed = receipt.secret.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    found = receipt_with_secret(session, receipt.number.lower(), as_typed)

    assert all(receipt.secret not in digest for digest in stored)
    assert len(receipt.secret.replace("-", "")) * 5 >= 128
    assert found is not None
    assert receipt_with_secret(session, receipt.number, other.secret) is None
    assert receipt_with_secret(session, "0000-0000", receipt.secret) is None

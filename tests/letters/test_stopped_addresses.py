"""Who stopped letters gets none, not even through new comments, and can have them again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests import build
from webapp.comments.addresses import (
    ask_for_first_letter,
    carry_contact_over,
    confirm_address,
    stop_letters,
)
from webapp.comments.models import Comment, Contact, StoppedAddress
from webapp.comments.rules import FIRST_LETTERS_A_DAY, SILENCE, address_digest
from webapp.letters.models import Delivery
from webapp.letters.rules import AuthorKey, DeliveryState

ADDRESS = "author@example.jp"
DIGEST = address_digest(ADDRESS, build.SECRET_KEY)


def owed(session: Session) -> int:
    session.rollback()
    return len(session.scalars(select(Delivery).where(Delivery.state == DeliveryState.OWED)).all())


def ask(session: Session, comment: Comment, now: datetime) -> None:
    ask_for_first_letter(
        session, comment.receipt_id, secret_key=build.SECRET_KEY, sealer=build.SEALER, now=now
    )


@pytest.fixture
def stopped(session: Session, make_comment: Callable[..., Comment], now: datetime) -> None:
    first = make_comment(email=ADDRESS)
    stop_letters(session, AuthorKey(first.id, DIGEST), now=now)


@pytest.mark.usefixtures("stopped")
def test_a_new_comment_with_a_stopped_address_brings_no_letter(
    session: Session, make_comment: Callable[..., Comment]
) -> None:
    make_comment("二つ目", email=ADDRESS, confirmed=False)
    [known] = session.scalars(select(StoppedAddress)).all()

    assert owed(session) == 0
    assert known.address_digest == DIGEST
    make_comment("別の人", email="other@example.jp", confirmed=False)
    assert owed(session) == 1


@pytest.mark.usefixtures("stopped")
def test_a_receipt_asks_the_address_once_and_its_link_starts_letters_again(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    again = make_comment("二つ目", email=ADDRESS, confirmed=False)
    for day, letters in [(0, 1), (1, 0), (SILENCE.days + 1, 1), (SILENCE.days + 2, 0)]:
        ask(session, again, now + timedelta(days=day))

        assert owed(session) == letters
        session.execute(update(Delivery).values(state=DeliveryState.SENT))
        session.commit()

    confirm_address(session, AuthorKey(again.id, DIGEST), now=now)

    contact = session.get(Contact, again.id)
    assert contact is not None
    assert contact.confirmed_at is not None
    assert session.scalars(select(StoppedAddress)).all() == []


@pytest.mark.usefixtures("stopped")
def test_asking_a_stopped_address_counts_with_the_first_letters_of_its_mailbox(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    again = make_comment("二つ目", email=ADDRESS, confirmed=False)
    for n in range(FIRST_LETTERS_A_DAY):
        make_comment("別の書き方", email=f"author+{n}@example.jp", confirmed=False)
    before = owed(session)
    ask(session, again, now)

    assert owed(session) == before

    ask(session, again, now + timedelta(days=1))

    assert owed(session) == before + 1


def test_a_contact_carried_to_another_comment_is_not_confirmed_where_letters_are_stopped(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    first = make_comment(email=ADDRESS)
    second = make_comment("二つ目")
    before = owed(session)
    session.add(StoppedAddress(address_digest=DIGEST, stopped_at=now))
    carry_contact_over(
        session,
        session.get_one(Contact, first.id),
        second.id,
        secret_key=build.SECRET_KEY,
        sealer=build.SEALER,
        now=now,
    )
    session.commit()

    assert session.get_one(Contact, second.id).confirmed_at is None
    assert owed(session) == before

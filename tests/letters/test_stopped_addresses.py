"""Who stopped letters gets none, not even through new comments, and can have them again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import build
from webapp.comments.addresses import ask_stopped_address, confirm_address, stop_letters
from webapp.comments.models import Comment, Contact, StoppedAddress
from webapp.comments.rules import SILENCE, address_digest
from webapp.letters.models import Delivery
from webapp.letters.rules import AuthorKey, DeliveryState

ADDRESS = "author@example.jp"
DIGEST = address_digest(ADDRESS, build.SECRET_KEY)


def owed(session: Session) -> int:
    session.rollback()
    return len(session.scalars(select(Delivery).where(Delivery.state == DeliveryState.OWED)).all())


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

    assert ask_stopped_address(session, again.receipt_id, now=now)
    assert not ask_stopped_address(session, again.receipt_id, now=now + timedelta(days=1))
    assert owed(session) == 1
    assert ask_stopped_address(session, again.receipt_id, now=now + SILENCE + timedelta(days=1))
    assert owed(session) == 1

    confirm_address(session, AuthorKey(again.id, DIGEST), now=now)

    contact = session.get(Contact, again.id)
    assert contact is not None
    assert contact.confirmed_at is not None
    assert session.scalars(select(StoppedAddress)).all() == []


def test_an_address_that_was_never_stopped_is_not_asked(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    comment = make_comment(email=ADDRESS)

    assert not ask_stopped_address(session, comment.receipt_id, now=now)

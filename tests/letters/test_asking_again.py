"""Every address can be confirmed at some time, and nobody learns of it who does not read there."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests import build
from tests.conftest import KEY
from tests.receipts.conftest import holding  # noqa: F401 -- a fixture
from webapp.comments.addresses import ask_for_first_letter, confirm_address
from webapp.comments.models import Comment, StoppedAddress
from webapp.comments.rules import FIRST_LETTERS_A_DAY, address_digest
from webapp.letters.models import Delivery
from webapp.letters.rules import AuthorKey, DeliveryState, LetterKind
from webapp.receipts.services import withdraw
from webapp.sealing import Sealer

ADDRESS = "author@example.jp"
DIGEST = address_digest(ADDRESS, build.SECRET_KEY)
SEALER = Sealer([KEY])


def first_letters(session: Session) -> list[int]:
    """The comments whose first letter is owed."""
    session.rollback()
    asked = select(Delivery.subject_id).where(
        Delivery.kind == LetterKind.RECEIVED, Delivery.state == DeliveryState.OWED
    )
    return list(session.scalars(asked.order_by(Delivery.id)))


def send(session: Session) -> None:
    session.execute(update(Delivery).values(state=DeliveryState.SENT))
    session.commit()


def ask(session: Session, comment: Comment, now: datetime, sealer: Sealer = SEALER) -> None:
    ask_for_first_letter(
        session, comment.receipt_id, secret_key=build.SECRET_KEY, sealer=sealer, now=now
    )


@pytest.fixture
def write_in(make_comment: Callable[..., Comment]) -> Callable[..., Comment]:
    """Take in a comment at ADDRESS that nobody has confirmed."""

    def write_in(text: str = "意見です。", **facts: object) -> Comment:
        return make_comment(
            text, **{"email": ADDRESS, "confirmed": False, "sealer": SEALER, **facts}
        )

    return write_in


@pytest.fixture
def join(make_comment: Callable[..., Comment]) -> Callable[[Comment], Comment]:
    """Take in another comment with the receipt of an earlier one."""

    def join(comment: Comment) -> Comment:
        return make_comment("もう一つ。", joins=comment.receipt_id, sealer=SEALER)

    return join


def test_a_first_letter_asks_for_the_comment_that_stands_when_the_first_is_withdrawn(
    session: Session,
    write_in: Callable[..., Comment],
    join: Callable[[Comment], Comment],
    now: datetime,
) -> None:
    first = write_in()
    gone, second = join(first), join(first)
    withdraw(session, gone.id, version=1, now=now)

    assert first_letters(session) == [first.id]

    withdraw(session, first.id, version=1, now=now)

    assert first_letters(session) == [second.id]

    withdraw(session, second.id, version=1, now=now)

    assert first_letters(session) == []


def test_a_first_letter_that_has_gone_is_not_repeated_when_its_comment_is_withdrawn(
    session: Session,
    write_in: Callable[..., Comment],
    join: Callable[[Comment], Comment],
    now: datetime,
) -> None:
    first = write_in()
    join(first)
    send(session)
    withdraw(session, first.id, version=1, now=now)

    assert first_letters(session) == []


def test_a_comment_that_joins_when_no_letter_asks_any_more_has_its_own(
    session: Session,
    write_in: Callable[..., Comment],
    join: Callable[[Comment], Comment],
    now: datetime,
) -> None:
    first = write_in()
    withdraw(session, first.id, version=1, now=now)
    second = join(first)
    join(first)

    assert first_letters(session) == [second.id]


def test_a_letter_that_was_lost_can_be_had_again_within_the_days_number(
    session: Session, write_in: Callable[..., Comment], now: datetime
) -> None:
    comment = write_in()
    ask(session, comment, now)

    assert first_letters(session) == [comment.id]  # it is owed already

    for day in (0, 1):
        letters = 1 - day  # the first day began with one
        for _ in range(FIRST_LETTERS_A_DAY + 1):
            send(session)
            ask(session, comment, now + timedelta(days=day))
            letters += len(first_letters(session))

        assert letters == FIRST_LETTERS_A_DAY


def test_a_spelling_that_got_no_letter_can_have_it_on_the_next_day(
    session: Session, write_in: Callable[..., Comment], now: datetime
) -> None:
    for n in range(FIRST_LETTERS_A_DAY):
        write_in(email=f"author+{n}@example.jp")
    late = write_in()
    ask(session, late, now)

    assert late.id not in first_letters(session)

    ask(session, late, now + timedelta(days=1))
    ask(session, late, now + timedelta(days=1))

    assert first_letters(session).count(late.id) == 1


def test_an_address_that_is_confirmed_or_cannot_be_opened_is_asked_nothing(
    session: Session, write_in: Callable[..., Comment], now: datetime
) -> None:
    comment = write_in()
    send(session)
    ask(session, comment, now, Sealer([Fernet.generate_key().decode()]))

    assert first_letters(session) == []

    confirm_address(session, AuthorKey(comment.id, DIGEST), now=now)
    ask(session, comment, now)

    assert first_letters(session) == []


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_page_and_button_say_the_same_whatever_the_state_of_the_address(
    session: Session,
    client: FlaskClient,
    write_in: Callable[..., Comment],
    holding: Callable[[Comment], dict[str, str]],  # noqa: F811 -- the fixture
    now: datetime,
    lang: str,
) -> None:
    comment = write_in()
    pair = holding(comment)

    def told() -> list[str]:
        pages = [client.post(f"/{lang}/receipts", data=pair)]
        pages += [client.post(f"/{lang}/receipts/letters", data=pair) for _ in range(2)]
        return [re.sub(r"\s+", " ", page.text) for page in pages]

    unconfirmed = told()
    session.add(StoppedAddress(address_digest=DIGEST, stopped_at=now))
    session.commit()
    stopped = told()
    confirm_address(session, AuthorKey(comment.id, DIGEST), now=now)
    confirmed = told()

    assert f'action="/{lang}/receipts/letters"' in unconfirmed[0]
    assert unconfirmed[1] == unconfirmed[2] != unconfirmed[0]
    assert unconfirmed == stopped == confirmed

"""Two hands at one address at once, on PostgreSQL: whoever comes second sees what the first did.

On SQLite it cannot happen: there is one writer at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Thread

import pytest
from sqlalchemy import create_engine, event, select, text, update
from sqlalchemy.orm import Session

from tests import build, parts
from webapp.comments.addresses import ask_for_first_letter, confirm_address, stop_letters
from webapp.comments.models import Comment, Contact, FirstLetters, StoppedAddress
from webapp.comments.rules import Draft, address_digest
from webapp.comments.services import submit_comment
from webapp.letters.models import Delivery
from webapp.letters.rules import AuthorKey, DeliveryState, LetterKind
from webapp.measures.models import Measure
from webapp.receipts.services import erase_person, withdraw

ADDRESS = "author@example.jp"
DIGEST = address_digest(ADDRESS, build.SECRET_KEY)
_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
)

Hand = Callable[[Session], object]
AtOnce = Callable[[Hand, Hand], None]

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def at_once(database_url: str) -> Iterator[AtOnce]:
    """Let the first hand come up to its commit, then the second to its end or to where it waits."""
    engine = create_engine(database_url)

    def at_once(first: Hand, second: Hand) -> None:
        faults: list[BaseException] = []

        def run() -> None:
            try:
                with Session(engine) as own:
                    second(own)
            except BaseException as fault:
                faults.append(fault)

        def is_over_or_waits() -> bool:
            with engine.connect() as watch:
                return not thread.is_alive() or bool(watch.scalar(_WAITING))

        thread = Thread(target=run)
        with Session(engine) as own:

            @event.listens_for(own, "before_commit", once=True)
            def meanwhile(own: Session) -> None:
                own.flush()
                thread.start()
                parts.wait_until(is_over_or_waits)

            first(own)
        thread.join()

        assert faults == []

    yield at_once
    engine.dispose()


@dataclass(frozen=True)
class Target:
    """Measure 1-1, known in every session."""

    id: int
    stage_id: int


@pytest.fixture
def write_in(make_comment: Callable[..., Comment]) -> Callable[[bool], Comment]:
    def write_in(confirmed: bool) -> Comment:
        return make_comment("意見です。", email=ADDRESS, confirmed=confirmed)

    return write_in


@pytest.fixture
def joining(measure: Measure, now: datetime) -> Callable[[Comment], Hand]:
    """The hand that writes another comment with the receipt of this one."""
    target = Target(measure.id, measure.stage_id)

    def joining(comment: Comment) -> Hand:
        draft = Draft("もう一つ。", "ja", "another form")
        return partial(
            submit_comment,
            measure=target,
            draft=draft,
            secret_key=build.SECRET_KEY,
            sealer=build.SEALER,
            now=now,
            joins=comment.receipt_id,
        )

    return joining


def in_turn(at_once: AtOnce, turn: str, one: Hand, other: Hand) -> None:
    at_once(*((one, other) if turn == "as named" else (other, one)))


turns = pytest.mark.parametrize("turn", ["as named", "other way round"])


@turns
@pytest.mark.parametrize("what", ["erased", "stopped"])
def test_a_comment_that_joins_a_receipt_keeps_no_address_that_is_being_forgotten(
    session: Session,
    write_in: Callable[[bool], Comment],
    joining: Callable[[Comment], Hand],
    at_once: AtOnce,
    now: datetime,
    what: str,
    turn: str,
) -> None:
    comment = write_in(True)
    forget = {
        "erased": partial(erase_person, receipt_id=comment.receipt_id, now=now),
        "stopped": partial(stop_letters, key=AuthorKey(comment.id, DIGEST), now=now),
    }[what]
    join = joining(comment)
    session.rollback()
    in_turn(at_once, turn, forget, join)

    assert len(session.scalars(select(Comment)).all()) == 2
    assert session.scalars(select(Contact)).all() == []
    assert session.scalars(select(Delivery)).all() == []


@turns
def test_a_comment_that_joins_while_its_address_is_being_confirmed_is_confirmed_too(
    session: Session,
    write_in: Callable[[bool], Comment],
    joining: Callable[[Comment], Hand],
    at_once: AtOnce,
    now: datetime,
    turn: str,
) -> None:
    comment = write_in(False)
    confirm = partial(confirm_address, key=AuthorKey(comment.id, DIGEST), now=now)
    join = joining(comment)
    session.rollback()
    in_turn(at_once, turn, confirm, join)

    assert session.scalars(select(Contact.confirmed_at)).all() == [now, now]


@turns
def test_a_comment_that_joins_while_the_first_is_being_withdrawn_is_asked_about(
    session: Session,
    write_in: Callable[[bool], Comment],
    joining: Callable[[Comment], Hand],
    at_once: AtOnce,
    now: datetime,
    turn: str,
) -> None:
    comment = write_in(False)
    take_back = partial(withdraw, comment_id=comment.id, version=1, now=now)
    join = joining(comment)
    session.rollback()
    in_turn(at_once, turn, take_back, join)
    second = session.scalars(select(Comment.id).order_by(Comment.id.desc())).first()
    owed = session.scalars(
        select(Delivery.subject_id).where(Delivery.kind == LetterKind.RECEIVED)
    ).all()

    assert owed == [second]


@pytest.mark.parametrize("held", [True, False])
def test_letters_can_be_stopped_twice_at_once(
    session: Session,
    write_in: Callable[[bool], Comment],
    at_once: AtOnce,
    now: datetime,
    held: bool,
) -> None:
    comment = write_in(True)
    stop = partial(stop_letters, key=AuthorKey(comment.id, DIGEST), now=now)
    if not held:
        erase_person(session, comment.receipt_id, now=now)
    session.rollback()
    at_once(stop, stop)

    assert session.scalars(select(StoppedAddress.address_digest)).all() == [DIGEST]
    assert session.scalars(select(Contact)).all() == []


def test_a_letter_that_is_asked_for_twice_at_once_is_owed_once(
    session: Session, write_in: Callable[[bool], Comment], at_once: AtOnce, now: datetime
) -> None:
    comment = write_in(False)
    session.execute(update(Delivery).values(state=DeliveryState.SENT))
    ask = partial(
        ask_for_first_letter,
        receipt_id=comment.receipt_id,
        secret_key=build.SECRET_KEY,
        sealer=build.SEALER,
        now=now,
    )
    session.commit()
    at_once(ask, ask)

    assert session.scalars(select(Delivery.state)).all() == [DeliveryState.OWED]
    assert session.scalars(select(FirstLetters.letters)).all() == [2]  # with the one that was sent

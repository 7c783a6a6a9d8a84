from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.audit.models import AuditEntry
from webapp.db import db
from webapp.letters.models import Delivery
from webapp.letters.queries import doubtful_deliveries, owed_deliveries
from webapp.letters.rules import (
    LEASE,
    PAUSES,
    DeliveryState,
    LetterKind,
    NotInDoubt,
    Overtaken,
    without_addresses,
)
from webapp.letters.services import (
    claim,
    doubt,
    give_up,
    hand_over,
    mark_sent,
    owe,
    put_off,
    settle_doubt,
    settle_lapsed,
)


@pytest.fixture
def owed(session: Session, now: datetime) -> int:
    """The id of a letter that is owed."""
    owe(session, kind=LetterKind.DECISION, subject_id=1, recipient="author:1", now=now)
    session.commit()
    return session.scalars(select(Delivery.id)).one()


@pytest.fixture
def claimed(session: Session, owed: int, now: datetime) -> Delivery:
    delivery = claim(session, owed, domain="city.example", now=now)
    assert delivery is not None
    return delivery


def state(session: Session, delivery_id: int) -> DeliveryState:
    session.expire_all()
    return session.get_one(Delivery, delivery_id).state


def test_the_same_letter_cannot_be_owed_twice(session: Session, owed: int, now: datetime) -> None:
    with pytest.raises(IntegrityError):
        owe(session, kind=LetterKind.DECISION, subject_id=1, recipient="author:1", now=now)


def test_a_letter_that_is_claimed_sent_and_marked_is_done(
    session: Session, claimed: Delivery, now: datetime
) -> None:
    hand_over(session, claimed.id, claimed.message_id or "")
    mark_sent(session, claimed.id, now=now)

    assert state(session, claimed.id) is DeliveryState.SENT
    assert claimed.sent_at == now
    assert list(owed_deliveries(session, now + timedelta(days=9))) == []


def test_a_claim_is_counted_and_has_its_message_id_before_anything_leaves(
    claimed: Delivery, now: datetime
) -> None:
    assert claimed.attempts == 1
    assert claimed.message_id is not None
    assert claimed.message_id.endswith("@city.example>")
    assert claimed.lease_ends_at == now + LEASE


def test_of_many_workers_one_gets_the_letter(app: Flask, owed: int, now: datetime) -> None:
    start = threading.Barrier(4)
    got: list[int] = []

    def work() -> None:
        with app.app_context():
            start.wait()
            if claim(db.session(), owed, domain="city.example", now=now):
                got.append(owed)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert got == [owed]


def test_a_worker_that_died_before_handing_over_owes_the_letter_still(
    session: Session, claimed: Delivery, now: datetime
) -> None:
    settle_lapsed(session, lambda _: None, now=now + LEASE * 2)

    assert state(session, claimed.id) is DeliveryState.OWED


@pytest.mark.parametrize(
    ("arrived", "becomes"),
    [(None, DeliveryState.UNKNOWN), (True, DeliveryState.SENT), (False, DeliveryState.OWED)],
)
def test_a_worker_that_died_while_handing_over_is_looked_into(
    session: Session,
    claimed: Delivery,
    now: datetime,
    arrived: bool | None,
    becomes: DeliveryState,
) -> None:
    hand_over(session, claimed.id, claimed.message_id or "")

    settle_lapsed(session, lambda _: arrived, now=now + LEASE * 2)

    assert state(session, claimed.id) is becomes


def test_a_worker_whose_claim_lapsed_hands_nothing_over(
    session: Session, claimed: Delivery, now: datetime
) -> None:
    slow = claimed.message_id or ""
    settle_lapsed(session, lambda _: None, now=now + LEASE * 2)
    quick = claim(session, claimed.id, domain="city.example", now=now + LEASE * 2)

    with pytest.raises(Overtaken):
        hand_over(session, claimed.id, slow)
    assert quick is not None
    hand_over(session, claimed.id, quick.message_id or "")
    assert state(session, claimed.id) is DeliveryState.HANDING_OVER


def test_a_lease_that_still_runs_is_left_alone(
    session: Session, claimed: Delivery, now: datetime
) -> None:
    settle_lapsed(session, lambda _: False, now=now)

    assert state(session, claimed.id) is DeliveryState.CLAIMED


def test_a_refused_letter_waits_a_little_longer_each_time_and_is_dead_in_the_end(
    session: Session, owed: int, now: datetime
) -> None:
    for pause in PAUSES:
        delivery = claim(session, owed, domain="city.example", now=now)
        assert delivery is not None
        put_off(session, delivery, "451 later", now=now)
        assert delivery.due_at == now + pause
        now += pause
    delivery = claim(session, owed, domain="city.example", now=now)
    assert delivery is not None

    put_off(session, delivery, "451 later", now=now)

    assert state(session, owed) is DeliveryState.DEAD


@pytest.mark.parametrize("trouble", [doubt, give_up])
def test_a_letter_in_doubt_is_never_repeated_by_itself(
    session: Session,
    claimed: Delivery,
    now: datetime,
    trouble: Callable[[Session, Delivery, str], None],
) -> None:
    trouble(session, claimed, "line broke")

    assert list(owed_deliveries(session, now + timedelta(days=9))) == []
    assert [delivery.id for delivery in doubtful_deliveries(session)] == [claimed.id]


@pytest.mark.parametrize(
    ("arrived", "becomes"), [(True, DeliveryState.SENT), (False, DeliveryState.OWED)]
)
def test_a_person_settles_a_doubt_once_and_the_trail_knows(
    session: Session,
    claimed: Delivery,
    now: datetime,
    arrived: bool,
    becomes: DeliveryState,
) -> None:
    doubt(session, claimed, "line broke")

    settle_doubt(session, claimed, arrived=arrived, by="staff:1", now=now)

    assert state(session, claimed.id) is becomes
    with pytest.raises(NotInDoubt):
        settle_doubt(session, claimed, arrived=arrived, by="staff:1", now=now)
    trail = session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "letter.settled"))
    assert list(trail) == ["staff:1"]


@pytest.mark.parametrize("word", ["taro@example.jp", "太郎＠例え.jp", "<a.b+c@[192.0.2.1]>"])
def test_an_address_is_masked_however_it_is_written(word: str) -> None:
    kept = without_addresses(f"(250, b'2.1.5 {word}: what?')")

    assert kept.startswith("(250, b'2.1.5 ")
    assert "what?" in kept
    assert not {"taro", "太郎", "a.b+c"} & set(re.split(r"[<>@＠ ]", kept))

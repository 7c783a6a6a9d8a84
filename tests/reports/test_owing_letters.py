"""Each due report is owed once, in order, whatever happens to the scheduler and its clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from tests import build
from tests.summaries.conftest import MONDAY_AFTER, WEEK, one_by_one
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.citytime import Week
from webapp.comments.models import Comment
from webapp.letters.models import Delivery
from webapp.measures.models import Stage
from webapp.reports.rules import Wishes
from webapp.reports.services import keep_figures, owe_letters, subscribe
from webapp.summaries.models import Summary
from webapp.summaries.queries import due_weeks
from webapp.summaries.services import compile_week


@pytest.fixture
def reader(session: Session, stage: Stage, official: Staff) -> Staff:
    """An official who subscribed at the beginning of the week."""
    subscribe(session, stage_id=stage.id, staff_id=official.id, now=WEEK.starts_at)
    return official


def wake(session: Session, stage: Stage, now: datetime) -> int:
    """What the scheduler does each time: compile what is due, keep figures, owe letters."""
    for week in due_weeks(session, stage, now):
        compile_week(session, stage.id, week, one_by_one, now)
    keep_figures(session, now)
    return owe_letters(session, now)


def weeks_owed(session: Session) -> list[str]:
    """The weeks of all letters, in the order in which they were owed."""
    session.rollback()
    owed = (
        select(Summary.period)
        .join(Delivery, Delivery.subject_id == Summary.id)
        .order_by(Delivery.id)
    )
    return list(session.scalars(owed))


def test_a_week_owes_one_letter_however_often_the_scheduler_wakes(
    session: Session, stage: Stage, reader: Staff
) -> None:
    owed = [wake(session, stage, MONDAY_AFTER + timedelta(hours=h)) for h in range(3)]

    assert owed == [1, 0, 0]


def test_a_late_decision_makes_a_new_revision_and_no_second_letter(
    session: Session,
    stage: Stage,
    reader: Staff,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
) -> None:
    comment = make_comment()
    wake(session, stage, MONDAY_AFTER)
    decide(comment)
    wake(session, stage, MONDAY_AFTER + timedelta(hours=1))

    assert session.scalars(select(Summary.revision).order_by(Summary.id)).all() == [1, 2]
    assert weeks_owed(session) == ["2026-W47"]


def test_a_monday_on_which_nothing_ran_is_made_up(
    session: Session, stage: Stage, reader: Staff
) -> None:
    wake(session, stage, MONDAY_AFTER + timedelta(days=1))

    assert weeks_owed(session) == ["2026-W47"]


def test_five_missed_weeks_are_made_up_once_each_in_order(
    session: Session, stage: Stage, reader: Staff, make_comment: Callable[..., Comment]
) -> None:
    make_comment()
    awake = WEEK.starts_at + timedelta(weeks=5, hours=6)
    for _ in range(2):
        wake(session, stage, awake)

    assert weeks_owed(session) == ["2026-W47", "2026-W48", "2026-W49", "2026-W50", "2026-W51"]


def test_week_53_is_owed_between_week_52_and_week_1(
    session: Session, stage: Stage, reader: Staff, make_comment: Callable[..., Comment]
) -> None:
    late = Week(2026, 53).starts_at + timedelta(days=1)
    make_comment("年末の意見です。", received_at=late + timedelta(days=8))
    wake(session, stage, Week(2027, 1).ends_at + timedelta(hours=6))

    assert weeks_owed(session)[-3:] == ["2026-W52", "2026-W53", "2027-W01"]


def test_a_clock_that_is_set_back_owes_nothing_twice_and_nothing_too_early(
    session: Session, stage: Stage, reader: Staff
) -> None:
    wake(session, stage, MONDAY_AFTER)
    back = [wake(session, stage, MONDAY_AFTER - timedelta(days=days)) for days in (1, 8, 400)]
    wake(session, stage, MONDAY_AFTER)

    assert back == [0, 0, 0]
    assert weeks_owed(session) == ["2026-W47"]


def test_ten_schedulers_at_the_same_time_owe_each_letter_once(
    session: Session, stage: Stage, reader: Staff
) -> None:
    for _ in range(4):
        person = build.staff(session, Role.OFFICIAL)
        subscribe(session, stage_id=stage.id, staff_id=person.id, now=WEEK.starts_at)
    compile_week(session, stage.id, WEEK, one_by_one, MONDAY_AFTER)
    keep_figures(session, MONDAY_AFTER)
    url = session.get_bind().engine.url
    session.rollback()
    together = threading.Barrier(10, timeout=20)
    owed: list[int] = []

    def scheduler() -> None:
        engine = create_engine(url, connect_args=build.patience(str(url)))
        with Session(engine) as own:
            together.wait()
            owed.append(owe_letters(own, MONDAY_AFTER))
        engine.dispose()

    threads = [threading.Thread(target=scheduler) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(owed) == 10
    assert sum(owed) == 5
    assert weeks_owed(session) == ["2026-W47"] * 5


def test_nobody_gets_the_letter_of_a_week_that_ended_before_the_subscription(
    session: Session, stage: Stage, official: Staff, make_comment: Callable[..., Comment]
) -> None:
    subscribe(session, stage_id=stage.id, staff_id=official.id, now=WEEK.ends_at)
    wake(session, stage, WEEK.next().ends_at + timedelta(hours=6))

    assert weeks_owed(session) == ["2026-W48"]


@pytest.mark.parametrize(("weekday", "hours"), [(1, 6), (4, 78), (7, 150)])
def test_the_letter_is_owed_at_six_on_the_day_that_was_chosen(
    session: Session, stage: Stage, official: Staff, weekday: int, hours: int
) -> None:
    wishes = Wishes("en", weekday)
    subscribe(session, stage_id=stage.id, staff_id=official.id, now=WEEK.starts_at, wishes=wishes)
    early = WEEK.ends_at + timedelta(hours=hours, seconds=-1)

    assert wake(session, stage, early) == 0
    assert wake(session, stage, early + timedelta(seconds=1)) == 1


def test_a_disabled_account_is_owed_nothing(session: Session, stage: Stage, reader: Staff) -> None:
    reader.disabled_at = WEEK.starts_at
    session.commit()

    assert wake(session, stage, MONDAY_AFTER) == 0

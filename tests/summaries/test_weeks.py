"""Weeks begin on Monday 00:00 in Japan, whatever zone a server keeps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests import build
from tests.summaries.conftest import WEEK
from webapp.citytime import TOKYO, Week
from webapp.comments.models import Comment
from webapp.measures.models import CommentPeriod, Measure, Stage
from webapp.measures.queries import stage_by_slug
from webapp.measures.services import load_programme
from webapp.summaries.queries import due_weeks, week_comments

LAST_MOMENT = datetime(2026, 11, 22, 23, 59, 59, 999_999, TOKYO)
FIRST_MOMENT = datetime(2026, 11, 23, 0, 0, 0, 0, TOKYO)


def test_sunday_before_midnight_belongs_to_the_week_and_monday_midnight_to_the_next(
    session: Session, stage: Stage, make_comment: Callable[..., Comment]
) -> None:
    first = make_comment(received_at=WEEK.starts_at)
    last = make_comment(received_at=LAST_MOMENT)
    after = make_comment(received_at=FIRST_MOMENT)
    before = make_comment(received_at=WEEK.starts_at - timedelta(microseconds=1))

    assert [row.id for row in week_comments(session, stage.id, WEEK)] == [first.id, last.id]
    assert [row.id for row in week_comments(session, stage.id, WEEK.next())] == [after.id]
    assert [row.id for row in week_comments(session, stage.id, Week(2026, 46))] == [before.id]


def test_a_week_holds_only_what_its_own_stage_received(
    session: Session, stage: Stage, make_comment: Callable[..., Comment], now: datetime
) -> None:
    other = build.stage(session, opens_at=WEEK.starts_at, slug="6th")
    elsewhere = build.measure(session, other, "1-1")
    here, there = make_comment(), make_comment(measure=elsewhere)

    assert [row.id for row in week_comments(session, stage.id, WEEK)] == [here.id]
    assert [row.id for row in week_comments(session, other.id, WEEK)] == [there.id]


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        (datetime(2026, 12, 31, 14, 59, tzinfo=UTC), "2026-W53"),
        (datetime(2027, 1, 3, 14, 59, tzinfo=UTC), "2026-W53"),
        (datetime(2027, 1, 3, 15, 0, tzinfo=UTC), "2027-W01"),
        (datetime(2024, 12, 29, 15, 0, tzinfo=UTC), "2025-W01"),
        (datetime(2023, 1, 1, 14, 59, tzinfo=UTC), "2022-W52"),
    ],
)
def test_a_year_ends_with_its_last_iso_week_in_japan(moment: datetime, week: str) -> None:
    assert str(Week.of(moment)) == week


def test_every_week_from_the_opening_to_the_last_full_one_is_due_in_order(
    session: Session, stage: Stage
) -> None:
    five_weeks_later = WEEK.starts_at + timedelta(weeks=5, days=3)

    assert [str(week) for week in due_weeks(session, stage, five_weeks_later)] == [
        "2026-W47",
        "2026-W48",
        "2026-W49",
        "2026-W50",
        "2026-W51",
    ]


def test_due_weeks_pass_through_week_53(session: Session, stage: Stage) -> None:
    session.execute(update(CommentPeriod).values(closes_at=datetime(2027, 2, 1, tzinfo=TOKYO)))
    weeks = due_weeks(session, stage, datetime(2027, 1, 11, 0, 0, tzinfo=TOKYO))

    assert [str(week) for week in weeks][-3:] == ["2026-W52", "2026-W53", "2027-W01"]


def test_a_stage_long_closed_owes_no_more_weeks(session: Session, stage: Stage) -> None:
    weeks = due_weeks(session, stage, datetime(2030, 1, 1, tzinfo=TOKYO))

    assert str(weeks[0]) == "2026-W47"
    assert str(weeks[-1]) == "2026-W51"


def test_a_week_is_due_from_the_instant_it_ends(session: Session, stage: Stage) -> None:
    assert due_weeks(session, stage, FIRST_MOMENT - timedelta(microseconds=1)) == []
    assert due_weeks(session, stage, FIRST_MOMENT) == [WEEK]


def test_a_comment_on_paper_from_before_the_opening_makes_its_week_due(
    session: Session, stage: Stage, measure: Measure, make_comment: Callable[..., Comment]
) -> None:
    make_comment(received_at=WEEK.starts_at - timedelta(days=1))

    assert due_weeks(session, stage, FIRST_MOMENT)[0] == Week(2026, 46)


def test_a_stage_without_period_and_comments_has_no_weeks(session: Session, now: datetime) -> None:
    load_programme(session, build.programme("empty"), by="test", now=now)
    empty = stage_by_slug(session, "empty")
    assert empty is not None

    assert due_weeks(session, empty, FIRST_MOMENT) == []

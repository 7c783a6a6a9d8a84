"""Days and weeks pass as they do in Japan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.citytime import Week, city_day, last_day, next_midnight

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 -- made aware
    lambda moment: moment.replace(tzinfo=UTC)
)


def test_a_week_begins_on_monday_at_midnight_in_japan() -> None:
    monday = datetime.fromisoformat("2026-11-16T00:00:00+09:00")

    assert str(Week.of(monday)) == "2026-W47"
    assert str(Week.of(monday - timedelta(microseconds=1))) == "2026-W46"
    assert Week(2026, 47).starts_at == monday
    assert Week(2026, 47).ends_at == monday + timedelta(days=7)


@pytest.mark.parametrize(
    ("day", "label"),
    [("2026-12-31", "2026-W53"), ("2027-01-03", "2026-W53"), ("2027-01-04", "2027-W01")],
)
def test_the_turn_of_the_year_follows_iso_8601(day: str, label: str) -> None:
    assert str(Week.of(datetime.fromisoformat(f"{day}T12:00:00+09:00"))) == label


@pytest.mark.parametrize("label", ["2026-W54", "2027-W53", "2026-W00", "2026W47", "2026-W4", ""])
def test_a_label_that_is_no_week_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Week.parse(label)


def test_an_end_at_midnight_is_said_as_the_day_before() -> None:
    midnight = datetime.fromisoformat("2026-12-26T00:00:00+09:00")

    assert str(last_day(midnight)) == "2026-12-25"
    assert last_day(midnight.astimezone(UTC)) == last_day(midnight)
    assert last_day(midnight - timedelta(hours=7)) is None


@given(MOMENTS)
def test_every_moment_lies_in_its_week_and_weeks_follow_each_other(moment: datetime) -> None:
    week = Week.of(moment)

    assert week.starts_at <= moment < week.ends_at
    assert week.next().starts_at == week.ends_at
    assert Week.parse(str(week)) == week


@given(MOMENTS)
def test_midnight_comes_within_a_day(moment: datetime) -> None:
    midnight = next_midnight(moment)

    assert timedelta() < midnight - moment <= timedelta(days=1)
    assert city_day(midnight) == city_day(moment) + timedelta(days=1)

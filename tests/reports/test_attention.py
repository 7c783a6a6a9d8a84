"""What needs somebody now: in the letter and on the desk, with a way to the place for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests import build
from tests.summaries.conftest import WEEK, page
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.comments.models import Comment
from webapp.letters.models import Delivery
from webapp.letters.rules import DeliveryState, LetterKind
from webapp.letters.services import owe
from webapp.measures.models import Measure, Stage
from webapp.moderation.rules import Findings
from webapp.moderation.screening import begin_screening, record_screening
from webapp.reports.attention import Concern, ConcernKind, concerns

DAY = timedelta(days=1)


@pytest.fixture
def found(session: Session, stage: Stage, measure: Measure) -> Callable[[datetime], list[Concern]]:
    def found(now: datetime) -> list[Concern]:
        return concerns(session, stage, [measure.id], target_days=3, now=now)

    return found


def test_a_comment_is_a_concern_from_the_target_time_on(
    found: Callable[[datetime], list[Concern]], make_comment: Callable[..., Comment], now: datetime
) -> None:
    make_comment()

    assert found(now + 3 * DAY) == []
    assert found(now + 3 * DAY + timedelta(seconds=1)) == [
        Concern(ConcernKind.OVERDUE, 1, now, limit=3)
    ]


def test_comments_on_other_measures_and_decided_ones_are_none(
    found: Callable[[datetime], list[Concern]],
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    other_measure: Measure,
    now: datetime,
) -> None:
    make_comment(measure=other_measure)
    decide(make_comment())

    assert found(now + 9 * DAY) == []


def test_measures_are_a_concern_in_the_last_seven_days_of_their_period(
    found: Callable[[datetime], list[Concern]], stage: Stage
) -> None:
    closes = WEEK.starts_at + 30 * DAY

    assert found(closes - 7 * DAY - timedelta(seconds=1)) == []
    assert [c.kind for c in found(closes - 7 * DAY)] == [ConcernKind.CLOSING]
    assert found(closes) == []


def test_a_wording_sent_five_times_is_a_concern(
    session: Session,
    found: Callable[[datetime], list[Concern]],
    make_comment: Callable[..., Comment],
    now: datetime,
) -> None:
    for number in range(5):
        assert [c for c in found(now) if c.kind is ConcernKind.COPIES] == [], number
        comment = make_comment("同じ文面の意見です。")
        begin_screening(session, comment.id, now)
        record_screening(session, comment.id, Findings("ja", [], "f" * 64, []), now)

    assert found(now) == [Concern(ConcernKind.COPIES, 1, out_of=5)]


@pytest.mark.parametrize(
    ("role", "is_linked"), [(Role.ADMINISTRATOR, True), (Role.OFFICIAL, False)]
)
def test_the_desk_links_to_where_it_is_handled_for_whoever_may_go_there(
    client: FlaskClient,
    session: Session,
    stage: Stage,
    sign_in: Callable[[FlaskClient, Staff], None],
    now: datetime,
    role: Role,
    is_linked: bool,
) -> None:
    owe(session, kind=LetterKind.DECISION, subject_id=1, recipient="author:1", now=now)
    session.execute(update(Delivery).values(state=DeliveryState.DEAD))
    session.commit()
    sign_in(client, build.staff(session, role))
    html = page(client, "/en/reports")
    link = '<a href="/en/letters">1 letter could not be delivered</a>'

    assert (link in html) is is_linked
    assert "1 letter could not be delivered" in html

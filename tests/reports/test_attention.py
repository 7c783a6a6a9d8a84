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
from webapp.moderation.queue import queue_page
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


WISH = "除雪の順番を町内会に知らせてください。通学路が後回しになり危険です。"


def test_a_campaign_of_five_is_a_concern_with_the_numbers_of_its_row_in_the_queue(
    session: Session,
    found: Callable[[datetime], list[Concern]],
    screened: Callable[..., Comment],
    fold: Callable[[], None],
    decide: Callable[..., None],
    now: datetime,
) -> None:
    for number in range(4):
        made = screened(WISH + "ぜひ" * (number % 2))
    fold()
    decide(made)

    assert found(now) == []

    screened(WISH)
    fold()
    (row,) = queue_page(session, now).rows
    (concern,) = found(now)

    assert row.campaign is not None
    assert (row.campaign.received, row.campaign.wordings, row.campaign.waiting) == (5, 2, 4)
    assert concern == Concern(
        ConcernKind.CAMPAIGN, 5, campaign=row.campaign.id, code="1-1", wordings=2, waiting=4
    )


def test_the_desk_says_a_campaign_as_the_queue_does_and_leads_to_its_page(
    client: FlaskClient,
    session: Session,
    screened: Callable[..., Comment],
    fold: Callable[[], None],
    sign_in: Callable[[FlaskClient, Staff], None],
    now: datetime,
) -> None:
    for _number in range(5):
        screened(WISH)
    fold()
    sign_in(client, build.staff(session, Role.MODERATOR))
    (row,) = queue_page(session, now).rows
    assert row.campaign is not None
    where = f'<a href="/en/moderation/campaigns/{row.campaign.id}">'

    assert "5 comments received, 1 wording</a>" in page(client, "/en/moderation")
    assert (
        f"{where}5 comments received, 1 wording, in one campaign on 1-1</a>, 5 wait together"
    ) in page(client, "/en/reports")


def test_after_three_campaigns_the_others_are_counted(
    found: Callable[[datetime], list[Concern]],
    screened: Callable[..., Comment],
    fold: Callable[[], None],
    now: datetime,
) -> None:
    for number, letter in enumerate("除雪図書館"):
        for _copy in range(5 + number):
            screened(letter * 30)
    fold()

    assert [(c.kind, c.number) for c in found(now)] == [
        (ConcernKind.CAMPAIGN, 9),
        (ConcernKind.CAMPAIGN, 8),
        (ConcernKind.CAMPAIGN, 7),
        (ConcernKind.CAMPAIGNS, 2),
    ]


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

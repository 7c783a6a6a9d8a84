"""Two weeks side by side, and the result of a comment period as Japanese cities publish it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests import build
from tests.summaries.conftest import WEEK, one_by_one, page
from webapp.accounts.rules import Role
from webapp.comments.models import Comment
from webapp.comments.rules import Channel, Publication, Residency, Treatment
from webapp.measures.models import Measure, Stage
from webapp.reports.comparing import Compared
from webapp.responses.rules import Category, Wording
from webapp.responses.services import draft_response, publish_response
from webapp.summaries.services import compile_week

RESULT = "/en/stages/5th/results/1"
AFTER = WEEK.starts_at + timedelta(days=31)


def test_two_weeks_are_compared_measure_by_measure(
    client: FlaskClient,
    session: Session,
    stage: Stage,
    make_comment: Callable[..., Comment],
    other_measure: Measure,
) -> None:
    following = WEEK.next()
    for week, number in ((WEEK, 1), (following, 3)):
        for _ in range(number):
            make_comment(received_at=week.starts_at)
    make_comment(measure=other_measure, received_at=WEEK.starts_at)
    for week in (WEEK, following):
        compile_week(session, stage.id, week, one_by_one, week.ends_at)
    html = page(client, "/en/stages/5th/reports/comparison")
    backwards = page(client, "/en/stages/5th/reports/comparison?first=2026-W48&second=2026-W47")

    for row in (
        '1</td><td class="count">3</td><td class="count">+2',
        '>0</td><td class="count">−1',
    ):
        assert row in html
    assert "+1" in backwards
    assert client.get("/en/stages/5th/reports/comparison?first=2026-W01").status_code == 404
    assert client.get("/en/stages/5th/reports/comparison?first=now").status_code == 404


def test_without_reports_there_is_nothing_to_compare(client: FlaskClient, stage: Stage) -> None:
    assert "There is no report yet." in page(client, "/en/stages/5th/reports/comparison")


@pytest.mark.parametrize(("one", "two", "said"), [(1, 1, "0"), (1, 3, "+2"), (3, 1, "−2")])
def test_a_difference_has_its_sign(one: int, two: int, said: str) -> None:
    assert Compared(None, one, two).difference == said


@pytest.fixture
def closed(
    session: Session,
    measure: Measure,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
) -> None:
    """An answered opinion by post, one withheld, one that is none, one still waiting.

    The last is by the author of the first.
    """
    answered = make_comment("=除雪を早く", channel=Channel.POST, residency=Residency.LIVES)
    decide(answered)
    decide(make_comment("ひどい言葉"), Publication.WITHHELD)
    decide(make_comment("テスト"), Publication.WITHHELD, Treatment.NOT_AN_OPINION)
    make_comment("待っている意見", joins=answered.receipt_id)
    staff = build.staff(session, Role.OFFICIAL)
    words = Wording(Category.FOR_LATER, {"ja": "時刻を早めます。", "en": "We clear it earlier."})
    answer = draft_response(
        session, measure.id, words, [answered.id], staff_id=staff.id, now=WEEK.ends_at
    )
    publish_response(session, answer.id, version=1, staff_id=staff.id, now=WEEK.ends_at)


def test_a_period_has_no_result_before_it_has_closed(client: FlaskClient, closed: None) -> None:
    with time_machine.travel(AFTER - timedelta(days=2)):
        assert client.get(RESULT).status_code == 404
        assert client.get(f"{RESULT}.csv").status_code == 404
    with time_machine.travel(AFTER):
        assert client.get("/en/stages/5th/results/2").status_code == 404
        assert client.get("/en/stages/5th/results/0").status_code == 404


def test_the_result_says_numbers_opinions_and_answers_and_nothing_withheld(
    client: FlaskClient, closed: None
) -> None:
    with time_machine.travel(AFTER):
        html = page(client, RESULT)
        listed = page(client, "/en/stages/5th/reports")

    for said in (
        '<td>People</td><th scope="row">All</th><td class="count">3</td>',
        '<th scope="row">Received</th><td class="count">4</td>',
        '<th scope="row">By post</th><td class="count">1</td>',
        '<th scope="row">I live in the city</th><td class="count">1</td>',
        "=除雪を早く",
        "We clear it earlier.",
        "(not published)",
        "1 comment still waits for a decision, so this is not final.",
    ):
        assert said in html, said
    for hidden in ("ひどい言葉", "テスト", "待っている意見"):
        assert hidden not in html
    assert RESULT in listed


def test_the_files_of_the_result_hold_the_same_and_are_inert(
    client: FlaskClient, closed: None
) -> None:
    with time_machine.travel(AFTER):
        table = client.get(f"{RESULT}.csv").data.decode("utf-8-sig")
        pdf = client.get(f"{RESULT}.pdf").data
        book = client.get(f"{RESULT}.xlsx")
    rows = list(csv.DictReader(io.StringIO(table)))

    assert [row["Opinion"] for row in rows] == ["'=除雪を早く", "(not published)"]
    assert [row["The city's answer"] for row in rows] == ["We clear it earlier.", ""]
    assert b"/StructTreeRoot" in pdf
    assert book.data.startswith(b"PK")

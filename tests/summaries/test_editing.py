"""Staff write over a summary: what applies, what is refused, what falls away, what is signed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests import build
from tests.summaries.conftest import MONDAY_AFTER, REPORT, one_by_one, page
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.audit.models import AuditEntry
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.measures.models import CommentPeriod, Measure, Stage
from webapp.summaries.editing import Wanted
from webapp.summaries.edits import (
    NotVerbatim,
    NumberInWords,
    NumberNotInSummary,
    SignedOff,
    SummaryMovedOn,
    UnpublishedWords,
)
from webapp.summaries.models import Summary, SummaryEdit, SummarySection
from webapp.summaries.services import compile_closing, edit_summary, verify_summaries

ROADS = "歩道の除雪を朝7時までに終えてほしい。"
BRIDGE = "橋の凍結を防いでほしい。"
SECRET = "市長の親戚の会社だけが儲かる仕組みです。"


@pytest.fixture
def written(
    session: Session,
    measure: Measure,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
) -> list[Comment]:
    comments = [make_comment(ROADS), make_comment(BRIDGE), make_comment(SECRET)]
    decide(comments[0])
    decide(comments[1])
    decide(comments[2], Publication.WITHHELD)
    compiled(one_by_one)
    return comments


@pytest.fixture
def edit(session: Session, measure: Measure, moderator: Staff) -> Callable[..., SummaryEdit]:
    """edit(introduction, headings, order, whole=False): over measure 1-1 of the newest revision."""

    def edit(
        introduction: str = "",
        headings: tuple[str, ...] = ("", ""),
        order: tuple[int, ...] = (0, 1),
        *,
        whole: bool = False,
    ) -> SummaryEdit:
        newest = session.scalar(select(func.max(Summary.id)))
        assert newest is not None
        wanted = (
            Wanted({"ja": introduction}) if whole else Wanted({"ja": introduction}, headings, order)
        )
        return edit_summary(
            session,
            newest,
            None if whole else measure.id,
            wanted,
            editor_id=moderator.id,
            now=MONDAY_AFTER,
        )

    return edit


def test_a_heading_of_staff_stands_with_the_machines_beside_it(
    client: FlaskClient, session: Session, written: list[Comment], edit: Callable[..., Any]
) -> None:
    before = session.scalars(select(SummarySection.document)).all()
    edit(headings=("朝の除雪の時刻", ""))
    html = page(client, REPORT)

    assert "朝の除雪の時刻" in html
    assert "Heading by the city's staff." in html
    assert html.count("The machine's heading:") == 1
    assert session.scalars(select(SummarySection.document)).all() == before
    assert list(verify_summaries(session)) == []


def test_the_order_of_points_is_that_of_staff_and_named_so(
    client: FlaskClient, written: list[Comment], edit: Callable[..., Any]
) -> None:
    first = page(client, REPORT)
    edit(order=(1, 0))
    html = page(client, REPORT)

    assert first.index(ROADS) < first.index(BRIDGE)
    assert html.index(BRIDGE) < html.index(ROADS)
    assert "The city's staff put these points in order." in html


@pytest.mark.parametrize("whole", [False, True])
def test_an_introduction_stands_before_the_points_and_is_named_as_written_by_staff(
    client: FlaskClient, written: list[Comment], edit: Callable[..., Any], whole: bool
) -> None:
    edit("受け付けた意見は3件で、「橋の凍結を防いでほしい」という声がありました。", whole=whole)
    html = page(client, REPORT)

    assert "受け付けた意見は3件" in html
    assert "Written by the city's staff" in html


REFUSED = {
    "a number of comments that is not counted": ("意見は5件でした。", NumberNotInSummary),
    "a number of comments that only a quotation says": ("7件ありました。", NumberNotInSummary),
    "full-width digits": ("意見は５件でした。", NumberNotInSummary),
    "comments called people": ("4件の意見が3名から届きました。", NumberNotInSummary),
    "more people than wrote": ("4人が書きました。", NumberNotInSummary),
    "a share": ("意見の80%が除雪です。", NumberNotInSummary),
    "a number in words": ("三件の意見がありました。", NumberInWords),
    "a majority": ("過半数が除雪を求めました。", NumberInWords),
    "an English number in words": ("Three comments ask for it.", NumberInWords),
    "a quotation nobody wrote": ("「除雪は要らない」との意見。", NotVerbatim),
    "words of a withheld comment": ("市長の親戚の会社だけが儲かるとの声。", UnpublishedWords),
}


@pytest.mark.parametrize(("words", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_words_that_break_the_contract_are_refused(
    session: Session,
    written: list[Comment],
    edit: Callable[..., Any],
    words: str,
    why: type[Exception],
) -> None:
    with pytest.raises(why):
        edit(words)
    with pytest.raises(why):
        edit(headings=(words, ""))
    session.rollback()

    assert session.scalar(select(func.count()).select_from(SummaryEdit)) == 0


@pytest.mark.parametrize(
    "words",
    [
        "3件のうち2件を掲載しました。",
        "朝7時までという声があります。",
        "施策1-1について、2026年11月16日からの週です。",
        "「冬の道路を安全にします。」への意見です。",
    ],
)
def test_numbers_codes_dates_and_words_of_the_programme_may_be_said(
    written: list[Comment], edit: Callable[..., Any], words: str
) -> None:
    assert words in edit(words).document


def test_recompiling_keeps_what_still_applies_and_says_what_fell_away(
    app: Flask,
    client: FlaskClient,
    session: Session,
    moderator: Staff,
    written: list[Comment],
    edit: Callable[..., Any],
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
    sign_in: Callable[[FlaskClient, Staff], None],
) -> None:
    edit("意見は3件です。", headings=("朝の除雪", "橋のこと"), order=(1, 0))
    session.execute(
        update(Comment)
        .where(Comment.id == written[0].id)
        .values(publication=Publication.WITHHELD, published_text=None, version=Comment.version + 1)
    )
    session.commit()
    decide(make_comment("川の氾濫が心配です。"))
    compiled(one_by_one)
    html = page(client, REPORT)
    newest = session.scalar(select(func.max(Summary.id)))
    sign_in(client, moderator)
    sheet = page(client, f"/en/summaries/{newest}")

    assert "橋のこと" in html
    assert "朝の除雪" not in html
    assert "意見は3件です。" not in html  # there are four now
    assert "1 heading fell away" in sheet
    assert "朝の除雪" in sheet
    assert "The introduction fell away" in sheet


def test_a_change_is_told_of_its_own_point_whatever_order_staff_gave(
    client: FlaskClient,
    session: Session,
    written: list[Comment],
    edit: Callable[..., Any],
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
) -> None:
    new = make_comment("川の氾濫が心配です。")
    decide(new)
    edit(order=(1, 0))
    compiled(one_by_one)
    html = page(client, REPORT)
    told = html[html.index("What this revision changed") : html.index("In numbers")]

    assert "川の氾濫" in told
    assert "a new point" in told
    assert "除雪" not in told


def test_an_introduction_that_quotes_is_gone_when_nobody_may_read_the_comment(
    client: FlaskClient,
    written: list[Comment],
    edit: Callable[..., Any],
    decide: Callable[..., None],
) -> None:
    edit("「橋の凍結を防いで」との声。", headings=("", "「凍結を防いで」"))
    before = page(client, REPORT)
    decide(written[1], Publication.WITHHELD)
    after = page(client, REPORT)

    assert before.count("凍結を防いで") >= 3
    assert "凍結" not in after


def test_an_edit_of_an_old_revision_is_refused(
    session: Session,
    measure: Measure,
    moderator: Staff,
    written: list[Comment],
    make_comment: Callable[..., Comment],
    compiled: Callable[..., None],
) -> None:
    old = session.scalar(select(func.max(Summary.id))) or 0
    make_comment()
    compiled(one_by_one)

    with pytest.raises(SummaryMovedOn):
        edit_summary(session, old, measure.id, Wanted({}), editor_id=moderator.id, now=MONDAY_AFTER)


def test_an_edit_is_in_the_trail(
    session: Session, moderator: Staff, written: list[Comment], edit: Callable[..., Any]
) -> None:
    edit("意見は3件です。")
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "summary.edited")).one()

    assert entry.actor == f"staff:{moderator.id}"
    assert entry.before != entry.after


def test_a_moderator_edits_by_form_and_a_refusal_keeps_the_words(
    app: Flask,
    client: FlaskClient,
    session: Session,
    moderator: Staff,
    written: list[Comment],
    sign_in: Callable[[FlaskClient, Staff], None],
) -> None:
    newest = session.scalar(select(func.max(Summary.id)))
    url = f"/en/summaries/{newest}/words/1-1"
    sign_in(client, moderator)
    fields = {
        "ja": "意見は9件です。",
        "en": "",
        "points-0-heading": "朝の除雪",
        "points-0-place": "2",
        "points-1-heading": "",
        "points-1-place": "1",
    }
    refused = client.post(url, data=fields)
    accepted = client.post(url, data={**fields, "ja": "意見は3件です。"})
    html = page(client, REPORT)

    assert refused.status_code == 400
    assert "“9件” is not in this summary." in refused.get_data(as_text=True)
    assert "意見は9件です。" in refused.get_data(as_text=True)
    assert accepted.status_code == 302
    assert html.index(BRIDGE) < html.index("朝の除雪")
    assert 'value="朝の除雪"' in page(client, url)


def test_a_closing_summary_is_signed_off_and_then_stands(
    client: FlaskClient,
    session: Session,
    stage: Stage,
    measure: Measure,
    moderator: Staff,
    written: list[Comment],
    sign_in: Callable[[FlaskClient, Staff], None],
) -> None:
    period = session.scalars(select(CommentPeriod)).one()
    summary = compile_closing(session, period.id, one_by_one, period.closes_at)
    assert summary is not None
    official = build.staff(session, Role.OFFICIAL)
    sign_in(client, official)
    sheet = f"/en/summaries/{summary.id}"
    assert "Sign off this summary" in page(client, sheet)
    for _ in range(2):
        assert client.post(f"{sheet}/sign-off").status_code == 302

    assert f"Signed off by {official.name}" in page(client, sheet)
    assert "Signed off by the city" in page(client, f"/en/stages/5th/closing/{period.id}")
    with pytest.raises(SignedOff):
        edit_summary(
            session, summary.id, measure.id, Wanted({}), editor_id=moderator.id, now=MONDAY_AFTER
        )


def test_a_weekly_report_cannot_be_signed_off(
    client: FlaskClient,
    session: Session,
    written: list[Comment],
    official: Staff,
    sign_in: Callable[[FlaskClient, Staff], None],
) -> None:
    newest = session.scalar(select(func.max(Summary.id)))
    sign_in(client, official)

    assert client.post(f"/en/summaries/{newest}/sign-off").status_code == 404

"""Summaries of a closed period and to date, for the stage, each pillar, measure and action."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.summaries.conftest import MONDAY_AFTER, WEEK, one_by_one, page
from webapp.accounts.models import Staff
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.letters.models import Delivery
from webapp.measures.models import CommentPeriod, Measure, Stage
from webapp.reports.services import keep_figures, owe_letters, subscribe
from webapp.summaries.models import Summary, SummarySection
from webapp.summaries.revisions import documents_of, is_stale, is_to_date_due
from webapp.summaries.rules import Counts, PeriodNotOver, SummaryKind
from webapp.summaries.services import (
    compile_closing,
    compile_to_date,
    verify_summaries,
)
from worker.compiling import compile_due

DAY = timedelta(days=1)
SUMMARY = "/en/stages/5th/summary"


@pytest.fixture
def to_date(session: Session, stage: Stage) -> Callable[..., Summary | None]:
    def to_date(compiler: Any = one_by_one, *, days: int = 0) -> Summary | None:
        return compile_to_date(session, stage.id, compiler, MONDAY_AFTER + days * DAY)

    return to_date


def sections(session: Session, summary: Summary | None) -> dict[str, Counts]:
    assert summary is not None
    return {d.measure: d.counts for d in documents_of(session, summary).values()}


def test_a_summary_to_date_holds_all_that_came_before_it(
    session: Session, make_comment: Callable[..., Comment], to_date: Callable[..., Any]
) -> None:
    make_comment(received_at=WEEK.starts_at - 20 * DAY)
    make_comment()
    make_comment(received_at=MONDAY_AFTER)

    assert sections(session, to_date())["1-1"].received == 2
    assert sections(session, to_date(days=1))["1-1"].received == 3
    assert list(verify_summaries(session)) == []


def test_a_measure_without_changes_is_not_compiled_again(
    session: Session,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    other_measure: Measure,
    to_date: Callable[..., Any],
) -> None:
    decide(make_comment())
    decide(make_comment("図書館を夜も開けてほしい。", measure=other_measure))
    to_date()
    seen: list[str] = []
    decide(make_comment("図書館の本を増やしてほしい。", measure=other_measure))

    def watching(comments: Any, known: Any) -> Any:
        seen.extend(comment.text for comment in comments)
        return one_by_one(comments, known)

    summary = to_date(watching, days=1)

    assert sorted(seen) == ["図書館の本を増やしてほしい。", "図書館を夜も開けてほしい。"]
    assert summary.revision == 2
    assert sections(session, summary)["1-1"].received == 1
    assert Counts.read(summary.totals).received == 3
    assert list(verify_summaries(session)) == []


def test_a_change_that_shows_nowhere_makes_no_revision(
    session: Session, make_comment: Callable[..., Comment], to_date: Callable[..., Any]
) -> None:
    comment = make_comment()
    summary = to_date()
    session.execute(update(Comment).values(version=Comment.version + 1))
    session.commit()

    assert is_stale(session, summary)
    assert to_date(days=1) is None
    assert not is_stale(session, session.get_one(Summary, summary.id))
    assert session.get_one(Comment, comment.id).version == 2


def test_a_comment_that_moves_out_of_its_week_leaves_an_empty_section(
    session: Session,
    stage: Stage,
    make_comment: Callable[..., Comment],
    compiled: Callable[..., None],
) -> None:
    make_comment()
    compiled()
    session.execute(update(Comment).values(received_at=WEEK.ends_at))
    session.commit()
    compiled()
    newest = session.scalars(select(Summary).order_by(Summary.revision.desc())).first()

    assert newest is not None
    assert newest.revision == 2
    assert documents_of(session, newest) == {}
    assert list(verify_summaries(session)) == []


def test_a_period_has_its_summary_from_the_instant_it_closes(
    session: Session, stage: Stage, make_comment: Callable[..., Comment]
) -> None:
    make_comment()
    period = session.scalars(select(CommentPeriod)).one()
    late = make_comment(received_at=period.closes_at + DAY)  # by post, of this period
    with pytest.raises(PeriodNotOver):
        compile_closing(
            session, period.id, one_by_one, period.closes_at - timedelta(microseconds=1)
        )
    summary = compile_closing(session, period.id, one_by_one, period.closes_at)

    assert sections(session, summary)["1-1"].received == 2
    assert late.period_id == period.id
    assert list(verify_summaries(session)) == []


def test_only_the_weekly_report_owes_letters(
    session: Session,
    stage: Stage,
    official: Staff,
    make_comment: Callable[..., Comment],
    to_date: Callable[..., Any],
) -> None:
    subscribe(session, stage_id=stage.id, staff_id=official.id, now=WEEK.starts_at)
    make_comment()
    period = session.scalars(select(CommentPeriod)).one()
    to_date()
    compile_closing(session, period.id, one_by_one, period.closes_at)
    keep_figures(session, MONDAY_AFTER)
    owe_letters(session, MONDAY_AFTER)

    assert session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_the_summary_to_date_is_due_once_a_day_and_at_once_when_words_are_lost(
    session: Session,
    stage: Stage,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    to_date: Callable[..., Any],
) -> None:
    comment = make_comment()
    decide(comment)
    assert is_to_date_due(session, stage.id, MONDAY_AFTER)
    to_date()
    make_comment("まだ審査を待つ意見です。")
    later = MONDAY_AFTER + timedelta(hours=3)
    assert not is_to_date_due(session, stage.id, later)

    decide(comment, Publication.WITHHELD)

    assert is_to_date_due(session, stage.id, later)
    assert is_to_date_due(session, stage.id, MONDAY_AFTER + DAY)


def test_the_worker_makes_all_three_kinds(
    session: Session, stage: Stage, make_comment: Callable[..., Comment]
) -> None:
    make_comment()
    past = timedelta(weeks=60)
    session.execute(update(Comment).values(received_at=WEEK.starts_at - past))
    session.execute(
        update(CommentPeriod).values(
            opens_at=WEEK.starts_at - past, closes_at=WEEK.starts_at - past + 10 * DAY
        )
    )
    session.commit()
    compile_due(session)

    kinds = set(session.scalars(select(Summary.kind)))
    assert kinds == set(SummaryKind)
    assert compile_due(session) == 0


def test_each_action_has_its_own_points_which_are_among_those_of_the_measure(
    client: FlaskClient,
    session: Session,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    to_date: Callable[..., Any],
) -> None:
    decide(make_comment("歩道の除雪を早くしてほしい。", action_code="1-1-1"))
    decide(make_comment("橋の凍結を防いでほしい。"))
    summary = to_date()
    (document,) = documents_of(session, summary).values()

    assert [(a.measure, a.counts.received) for a in document.actions] == [("1-1-1", 1)]
    assert document.counts.received == 2
    action, measure = page(client, f"{SUMMARY}/1-1-1"), page(client, f"{SUMMARY}/1-1")
    assert "歩道の除雪を早く" in action
    assert "橋の凍結" not in action
    assert "橋の凍結" in measure
    assert f"{SUMMARY}/1-1-1" in measure


def test_an_action_document_that_lies_is_found(
    session: Session, make_comment: Callable[..., Comment], to_date: Callable[..., Any]
) -> None:
    make_comment(action_code="1-1-1")
    to_date()
    document = session.scalar(select(SummarySection.document)) or ""
    inner = document.index('"received":1')
    session.execute(
        update(SummarySection).values(
            document=document[:inner] + '"received":9' + document[inner + 12 :]
        )
    )

    assert any("1-1-1: received says 9, but it is 1" in f for f in verify_summaries(session))


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("code", ["", "/1", "/1-1", "/1-1-1"])
def test_stage_pillar_measure_and_action_have_a_page_in_both_languages(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    to_date: Callable[..., Any],
    lang: str,
    code: str,
) -> None:
    comment = make_comment("歩道の除雪を早くしてほしい。", action_code="1-1-1")
    decide(comment)
    to_date()
    html = page(client, f"/{lang}/stages/5th/summary{code}")

    assert "歩道の除雪を早く" in html
    if code:
        assert f"?before={comment.id + 1}#comment-{comment.id}" in html


def test_a_summary_says_what_is_new_what_grew_what_waits_longest_and_what_is_closing(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    other_measure: Measure,
    decide: Callable[..., None],
    to_date: Callable[..., Any],
) -> None:
    decide(make_comment("歩道の除雪を早くしてほしい。"))
    to_date()
    decide(make_comment("橋の凍結を防いでほしい。", received_at=WEEK.ends_at + DAY))
    make_comment(measure=other_measure, received_at=WEEK.ends_at + 2 * DAY)
    to_date(days=8)
    text = page(client, SUMMARY)

    assert "The first comments on 2-1" in text
    assert "1-1: from 1 to 2 comments" in text
    assert "The longest waits since 25 November 2026, on 2-1." in text.replace("\xa0", " ")
    assert "A week ago: 1 comment." in text
    assert "What is closing" in text
    assert ">New</span>" in page(client, f"{SUMMARY}/1-1")


def test_an_unknown_entry_period_or_revision_has_no_page(
    client: FlaskClient, make_comment: Callable[..., Comment], to_date: Callable[..., Any]
) -> None:
    assert client.get(SUMMARY).status_code == 404
    make_comment()
    to_date()

    for url in (f"{SUMMARY}/9-9", f"{SUMMARY}?revision=7", "/en/stages/5th/closing/99"):
        assert client.get(url).status_code == 404, url


def test_stage_and_measure_lead_to_the_summary(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    to_date: Callable[..., Any],
) -> None:
    decide(make_comment())
    to_date()

    assert f'href="{SUMMARY}"' in page(client, "/en/stages/5th")
    assert f'href="{SUMMARY}/1-1"' in page(client, "/en/stages/5th/measures/1-1")

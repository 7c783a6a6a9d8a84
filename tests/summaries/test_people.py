"""People and comments are counted apart, in reports, letters and on the page of a measure."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.summaries.conftest import REPORT, WEEK, page
from webapp.comments.models import Comment
from webapp.measures.models import Measure, Stage
from webapp.reports.report import read_report
from webapp.summaries.queries import latest_summary, sections_of
from webapp.summaries.rules import Counts, SectionDocument
from webapp.summaries.services import verify_summaries

MEASURE = "/en/stages/5th/measures/1-1"


def words(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


@pytest.fixture
def on_two_measures(
    session: Session,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    other_measure: Measure,
    compiled: Callable[..., None],
) -> None:
    """Ann sends two comments on 1-1 and one on 2-1; Ben sends one on 1-1."""
    ann = make_comment("歩道の除雪を早くしてほしい。")
    again = make_comment("歩道の除雪を早くしてください。", joins=ann.receipt_id)
    elsewhere = make_comment(
        "鹿の柵を増やしてほしい。", measure=other_measure, joins=ann.receipt_id
    )
    ben = make_comment("歩道の除雪を早くして下さい。")
    for comment in (ann, again, elsewhere, ben):
        decide(comment)
    compiled()


@pytest.mark.usefixtures("on_two_measures")
def test_a_person_on_two_measures_is_one_of_each_and_one_in_all(
    session: Session, stage: Stage
) -> None:
    summary = latest_summary(session, stage.id, WEEK)
    assert summary is not None
    report = read_report(session, summary, "en")
    of_measures = {part.line.code: part.counts for part in report.measures}

    assert (of_measures["1-1"].received, of_measures["1-1"].people) == (3, 2)
    assert (of_measures["2-1"].received, of_measures["2-1"].people) == (1, 1)
    assert (report.counts.received, report.counts.people) == (4, 2)


@pytest.mark.usefixtures("on_two_measures")
def test_the_report_and_the_measure_say_how_many_people(client: FlaskClient) -> None:
    report, measure = words(page(client)), words(page(client, MEASURE))

    assert "How many 4 comments received by 2 people" in report
    assert "3 comments by 2 people" in report
    assert "Published: 3 comments by 2 people, newest first." in measure
    assert "2人" in page(client, REPORT.replace("/en/", "/ja/"))


@pytest.mark.usefixtures("on_two_measures")
def test_verifying_recounts_the_people(session: Session, stage: Stage) -> None:
    summary = latest_summary(session, stage.id, WEEK)
    assert summary is not None
    assert list(verify_summaries(session)) == []

    summary.totals = Counts.read(summary.totals).written().replace('"receipts":[1,', '"receipts":[')
    session.commit()

    assert [f.partition(": ")[2] for f in verify_summaries(session)] == [
        "the totals are not the sum of the measures"
    ]


@pytest.mark.usefixtures("on_two_measures")
def test_a_summary_is_made_anew_when_two_people_prove_to_be_one(
    session: Session, stage: Stage, compiled: Callable[..., None]
) -> None:
    session.execute(update(Comment).where(Comment.id == 4).values(receipt_id=1))
    session.commit()

    assert list(verify_summaries(session)) == []  # overtaken, and held to what lasts

    compiled()
    summary = latest_summary(session, stage.id, WEEK)

    assert summary is not None
    assert summary.revision == 2
    assert Counts.read(summary.totals).people == 1


@pytest.mark.usefixtures("on_two_measures")
def test_a_report_from_before_people_were_counted_says_nothing_of_them(
    session: Session, stage: Stage, client: FlaskClient
) -> None:
    summary = latest_summary(session, stage.id, WEEK)
    assert summary is not None
    summary.totals = _without_people(summary.totals)
    for section in sections_of(session, summary.id):
        section.document = _without_people(section.document)
    session.commit()
    document = SectionDocument.read(sections_of(session, summary.id)[0].document)
    report = words(page(client))

    assert document.points[0].people == len(document.points[0].comments)
    assert "How many 4 comments received" in report
    assert "People are counted" not in report
    assert "received by" not in report


def _without_people(document: str) -> str:
    return re.sub(r',?"(receipts":\[[\d,]*\]|people":\d+)', "", document)

"""Page, PDF, spreadsheet and letter show the same figures, from the one stored document."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.summaries.conftest import MONDAY_AFTER, REPORT, WEEK, page
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.csv_file import inert
from webapp.measures.models import Measure, Stage
from webapp.reports.charts import Chart
from webapp.reports.models import ReportFigures
from webapp.reports.queries import stored_figures
from webapp.reports.rules import FigureRow, Waited, figures_of, read, waited, written
from webapp.reports.services import keep_figures
from webapp.summaries.models import Summary
from worker.pictures import paint

FORMULA = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture
def reported(
    session: Session,
    stage: Stage,
    measure: Measure,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
) -> None:
    """Two published comments on Monday, one of them a formula, and one that waits since Sunday.

    The last two are one person's.
    """
    monday = WEEK.starts_at + timedelta(hours=1)
    for text in ("除雪を早くしてほしい。", FORMULA):
        last = make_comment(text, received_at=monday)
        decide(last)
    waits = WEEK.ends_at - timedelta(seconds=1)
    make_comment("待っている意見です。", received_at=waits, joins=last.receipt_id)
    compiled()
    keep_figures(session, MONDAY_AFTER)


def test_figures_are_stored_once_and_add_up(session: Session, reported: None) -> None:
    keep_figures(session, MONDAY_AFTER)
    summary = session.scalars(select(Summary)).one()
    (of_measure,) = (stored_figures(session, summary.id) or {}).values()

    assert of_measure.days == (2, 0, 0, 0, 0, 0, 1)
    assert of_measure.waited == {"three-days": 2, "waiting": 1}
    assert len(session.scalars(select(ReportFigures)).all()) == 1


def test_figures_wait_for_the_revision_that_counts_the_same_comments(
    session: Session,
    stage: Stage,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
) -> None:
    comment = make_comment()
    compiled()
    decide(comment)

    assert keep_figures(session, MONDAY_AFTER) == 0
    compiled()
    assert keep_figures(session, MONDAY_AFTER) == 1


@pytest.mark.parametrize(
    ("hours", "publication", "band"),
    [
        (24, Publication.PUBLISHED, Waited.DAY),
        (25, Publication.WITHHELD, Waited.THREE_DAYS),
        (73, Publication.PUBLISHED, Waited.WEEK),
        (169, Publication.PUBLISHED, Waited.LONGER),
        (1, Publication.WAITING, Waited.WAITING),
        (None, Publication.WITHDRAWN, Waited.WITHDRAWN),
    ],
)
def test_each_comment_stands_in_one_band_of_waiting(
    hours: int | None, publication: Publication, band: Waited
) -> None:
    came = WEEK.starts_at
    decided = None if hours is None else came + timedelta(hours=hours)

    assert waited(came, decided, publication) is band
    figures = figures_of(WEEK, [FigureRow(1, came, publication, decided)])
    assert read(written(figures)) == figures


def test_the_page_draws_the_figures_and_says_them_in_a_table(
    client: FlaskClient, reported: None
) -> None:
    html = page(client)

    assert "Comments received on each day: Mon 16 Nov:\xa02, Tue 17 Nov:\xa00" in html
    assert '<th scope="row">Sun 22 Nov</th><td class="count">1</td>' in html
    assert " style=" not in html


def test_the_csv_has_the_same_numbers_and_no_formula(client: FlaskClient, reported: None) -> None:
    answer = client.get(f"{REPORT}.csv")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))

    assert answer.mimetype == "text/csv"
    assert [(row["Code"], row["Received"], row["Waiting"]) for row in rows] == [("1-1", "3", "1")]
    assert (rows[0]["2026-11-16"], rows[0]["2026-11-22"]) == ("2", "1")
    assert rows[0]["1 to 3 days"] == "2"
    assert rows[0]["People"] == "2"


def test_the_workbook_has_the_same_numbers_and_its_texts_are_texts(
    client: FlaskClient, reported: None
) -> None:
    book = load_workbook(io.BytesIO(client.get(f"{REPORT}.xlsx").data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    charts = list(book["Charts"].values)

    assert book.sheetnames == ["Numbers", "Measures", "Points", "Charts"]
    assert all(cell.data_type in ("s", "n") for cell in cells)
    assert FORMULA in {cell.value for cell in cells}
    assert ("Comments received on each day", "Mon 16 Nov", 2) in charts
    assert ("People", "All", 2) in list(book["Numbers"].values)
    assert ("Comments", "Received", 3) in list(book["Numbers"].values)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_pdf_is_tagged_and_titled(client: FlaskClient, reported: None, lang: str) -> None:
    pdf = client.get(f"{REPORT}.pdf".replace("/en/", f"/{lang}/")).data

    assert pdf.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in pdf
    assert b"pdfuaid" in pdf


@pytest.mark.parametrize("kind", ["pdf", "xlsx", "csv"])
def test_a_week_without_a_report_has_no_file(
    client: FlaskClient, reported: None, kind: str
) -> None:
    assert client.get(f"/en/stages/5th/reports/2026-W48.{kind}").status_code == 404
    assert client.get(f"/en/stages/5th/reports/2026-W47.{kind}x").status_code == 404


def test_withheld_words_leave_every_file_at_once(
    client: FlaskClient, session: Session, reported: None, decide: Callable[..., None]
) -> None:
    comment = session.scalars(select(Comment).where(Comment.text == FORMULA)).one()
    decide(comment, Publication.WITHHELD)
    book = load_workbook(io.BytesIO(client.get(f"{REPORT}.xlsx").data))

    assert FORMULA not in {cell for sheet in book for row in sheet.values for cell in row}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", " =1", "＝1"])
def test_a_text_that_looks_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert inert(text) == f"'{text}"
    assert inert("a" + text) == "a" + text
    assert inert(-1) == "-1"


def test_the_same_chart_is_the_same_picture() -> None:
    chart = Chart("days", "日ごとの意見の件数", (("11/16(月)", 3), ("Tue", 0)))
    first = paint(chart)
    paint.cache_clear()

    assert first.startswith(b"\x89PNG")
    assert paint(chart) == first

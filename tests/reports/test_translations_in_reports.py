"""Officials read a quotation in its author's words and, where there is one, its translation."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from tests.summaries.conftest import MONDAY_AFTER, REPORT, WEEK, Compiled, Point, Quote, page
from webapp.accounts.models import Staff
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.measures.models import Stage
from webapp.reports import closing_sheet, sheet
from webapp.reports.letters import compose
from webapp.reports.press import Press
from webapp.reports.rules import Wishes
from webapp.summaries.queries import latest_summary
from webapp.writing import words_of
from worker.pictures import paint

RESULT = "/en/stages/5th/results/1"
AFTER = WEEK.starts_at + timedelta(days=31)
WHOLE, IN_ENGLISH = "歩道の除雪を早くしてほしい。", "Clear the pavements sooner."
LONG, LONG_IN_ENGLISH = "通学路が心配です。柵を直してください。", "I worry. Please mend the fence."
PART, ALONE = "柵を直してください。", "砂をまいてほしい。"
LABEL, LABEL_OF_ALL = "Translated by staff", "The whole comment: Translated by staff"
BESIDE = {WHOLE: (LABEL, IN_ENGLISH), PART: (LABEL_OF_ALL, LONG_IN_ENGLISH), ALONE: ("", "")}


def last_sentences(comments: Any, _known: Any) -> Compiled:
    """A point for each comment, with its last sentence as the quotation."""
    said = {c.id: c.text.removeprefix(LONG.removesuffix(PART)) for c in comments}
    return Compiled(
        tuple(Point("", "ja", (id,), 1, (Quote(id, text, "ja"),)) for id, text in said.items()), ()
    )


@pytest.fixture
def said(
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    translate: Callable[..., None],
    compiled: Callable[..., None],
) -> list[Comment]:
    """A comment quoted whole, one quoted in part, and one that nobody has translated."""
    made = [make_comment(text) for text in (WHOLE, LONG, ALONE)]
    for comment in made:
        decide(comment)
    translate(made[0], IN_ENGLISH)
    translate(made[1], LONG_IN_ENGLISH)
    compiled(last_sentences)
    return made


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """What goes into each sheet that is made, for the words of a PDF are compressed."""
    seen: list[Mapping[str, Any]] = []
    real = sheet.written

    def written(data: Mapping[str, Any], template: Any) -> bytes:
        seen.append(data)
        return real(data, template)

    monkeypatch.setattr(sheet, "written", written)
    monkeypatch.setattr(closing_sheet, "written", written)
    return seen


def points(client: FlaskClient) -> list[Mapping[str, Any]]:
    book = load_workbook(io.BytesIO(client.get(f"{REPORT}.xlsx").data))
    heads, *rows = book["Points"].values
    return [dict(zip(map(str, heads), row, strict=True)) for row in rows]


def test_every_form_of_the_weekly_report_has_the_quotation_and_its_labelled_translation(
    client: FlaskClient, said: list[Comment], printed: list[Mapping[str, Any]]
) -> None:
    pdf = client.get(f"{REPORT}.pdf").data
    quotes = [q for part in printed[0]["parts"] for p in part["points"] for q in p["quotes"]]
    rows = points(client)

    assert {q["text"]: q["translation"] for q in quotes} == BESIDE
    assert {q["lang"] for q in quotes} == {"ja"}
    assert client.get(f"{REPORT}.pdf").data == pdf
    cells = {r["Quotation"]: (r["How it was translated"], r["Translation"]) for r in rows}
    assert cells == BESIDE
    for text in (*BESIDE, IN_ENGLISH, LONG_IN_ENGLISH, LABEL_OF_ALL):
        assert text in page(client), text


def test_the_letter_has_both_in_text_and_html_and_cuts_a_long_translation(
    app: Flask,
    session: Session,
    stage: Stage,
    official: Staff,
    said: list[Comment],
    translate: Callable[..., None],
) -> None:
    translate(said[0], IN_ENGLISH + " Snow." * 200)
    summary = latest_summary(session, stage.id, WEEK)
    assert summary is not None
    with app.app_context():
        written = {}
        for lang in ("en", "ja"):
            asked = Wishes(lang)
            letter = compose(session, summary, official, asked, Press(paint), MONDAY_AFTER)
            written[lang] = words_of(letter)
    _, text, html = written["en"]

    assert f"  > {PART}\n    {LABEL_OF_ALL}: {LONG_IN_ENGLISH}\n    From comment" in text
    assert f"  > {ALONE}\n    From comment" in text
    assert f'<p class="said" lang="ja">{PART}</p><p class="soft">{LABEL_OF_ALL}</p>\n' in html
    assert f'<p class="said" lang="en">{LONG_IN_ENGLISH}</p>' in html
    for form in (text, html):
        assert 80 < form.count("Snow.") < 120
        assert "…" in form
    assert IN_ENGLISH not in written["ja"][1]


def test_the_result_of_a_period_has_both_on_its_page_and_in_each_file(
    client: FlaskClient, said: list[Comment], printed: list[Mapping[str, Any]]
) -> None:
    with time_machine.travel(AFTER):
        html = page(client, RESULT)
        client.get(f"{RESULT}.pdf")
        rows = list(csv.DictReader(io.StringIO(client.get(f"{RESULT}.csv").text.lstrip("\ufeff"))))
        book = load_workbook(io.BytesIO(client.get(f"{RESULT}.xlsx").data))
        japanese = page(client, RESULT.replace("/en/", "/ja/"))
    both = {WHOLE: (LABEL, IN_ENGLISH), LONG: (LABEL, LONG_IN_ENGLISH), ALONE: ("", "")}

    assert {o["text"]: o["translation"] for o in printed[0]["opinions"]} == both
    cells = {r["Opinion"]: (r["How it was translated"], r["Translation"]) for r in rows}
    assert cells == both
    assert LONG_IN_ENGLISH in {c for sheet in book for row in sheet.values for c in row}
    cell = html[html.index(WHOLE) :].split("</td>")[0]
    assert LABEL in cell
    assert f'<p class="said" lang="en">{IN_ENGLISH}</p>' in cell
    assert IN_ENGLISH not in japanese


def test_a_translation_leaves_every_form_with_the_words_it_was_made_from(
    client: FlaskClient, said: list[Comment], decide: Callable[..., None]
) -> None:
    decide(said[0], Publication.WITHHELD)

    assert IN_ENGLISH not in {cell for row in points(client) for cell in row.values()}
    assert IN_ENGLISH not in page(client)

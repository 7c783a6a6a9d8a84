from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests import build
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.measures.models import Measure, Stage
from webapp.translating.exchange import BadFile, as_csv, as_xliff, read_back
from webapp.translating.queries import Work, versions_of, work_on


@pytest.fixture
def work(session: Session, stage: Stage) -> Sequence[Work]:
    return work_on(session, stage, "en")


@contextmanager
def in_english(app: Flask) -> Iterator[None]:
    with app.test_request_context("/en/"):
        app.preprocess_request()
        yield


@pytest.mark.parametrize("kind", ["csv", "xliff"])
def test_what_goes_out_comes_back_the_same(app: Flask, work: Sequence[Work], kind: str) -> None:
    raw = as_csv(work) if kind == "csv" else as_xliff(work, stage="5th", lang="en")
    with in_english(app):
        back = read_back(raw, work, lang="en")

    assert [(w.text_id, w.body) for w in back] == [
        (one.text_id, one.target.body if one.target else "") for one in work
    ]


def rewritten(raw: bytes, change: Callable[[list[list[str]]], None]) -> bytes:
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    change(rows)
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def _other_source(rows: list[list[str]]) -> None:
    rows[1][2] += "!"


def _unknown_key(rows: list[list[str]]) -> None:
    rows[1][0] = "999999-1"


def _old_version(rows: list[list[str]]) -> None:
    rows[1][0] = rows[1][0].rpartition("-")[0] + "-9"


def _twice(rows: list[list[str]]) -> None:
    rows.append(rows[1])


def _too_long(rows: list[list[str]]) -> None:
    rows[1][3] = "あ" * 4_001


def _no_column(rows: list[list[str]]) -> None:
    rows[0][3] = "english"


def _nothing(rows: list[list[str]]) -> None:
    del rows[1:]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_other_source, "The Japanese was changed in the file."),
        (_unknown_key, "There is no text 999999-1 in this programme."),
        (_old_version, "The Japanese of this text has changed since the file was made."),
        (_twice, "stands in the file twice"),
        (_too_long, "more than 4000 characters"),
        (_no_column, "no column translation"),
        (_nothing, "The file holds no texts."),
    ],
)
def test_a_sheet_that_does_not_match_is_refused_with_its_reason(
    app: Flask, work: Sequence[Work], change: Callable[[list[list[str]]], None], reason: str
) -> None:
    with in_english(app), pytest.raises(BadFile) as refused:
        read_back(rewritten(as_csv(work), change), work, lang="en")

    assert any(reason in str(one) for one in refused.value.reasons)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;">]>
<a>&y;</a>"""


@pytest.mark.parametrize("raw", [b"<xliff", BOMB, b"<a/>", b"", b"\xff\xfe\x00", b"<\x00>"])
def test_what_is_no_file_of_ours_is_refused(app: Flask, work: Sequence[Work], raw: bytes) -> None:
    with in_english(app), pytest.raises(BadFile):
        read_back(raw, work, lang="en")


def test_a_file_for_another_language_is_refused(app: Flask, work: Sequence[Work]) -> None:
    raw = as_xliff(work, stage="5th", lang="en")
    with in_english(app), pytest.raises(BadFile, match="another language"):
        read_back(raw, work, lang="vi")


def test_no_cell_starts_a_formula_and_none_is_changed_by_that(
    app: Flask, session: Session, work: Sequence[Work], measure: Measure
) -> None:
    one = next(one for one in work if one.text_id == measure.text_id)
    assert one.target is not None
    one.target.body = "=HYPERLINK(1)"
    session.expunge(one.target)
    with in_english(app):
        (back,) = read_back(as_csv([one]), [one], lang="en")
    cells = [cell for row in csv.reader(io.StringIO(as_csv([one]).decode())) for cell in row]

    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert back.body == "=HYPERLINK(1)"


def test_a_file_is_brought_back_through_the_desk(
    client: FlaskClient,
    session: Session,
    measure: Measure,
    sign_in: Callable[[FlaskClient, Staff], None],
    now: datetime,
) -> None:
    sign_in(client, build.staff(session, Role.TRANSLATOR))
    desk = "/en/stages/5th/translations/en"
    xliff = client.get(f"{desk}/xliff")
    filled = xliff.data.replace(b"We make the roads safe in winter.", b"Winter roads.")

    def bring(raw: bytes, name: str) -> tuple[int, str]:
        sent = {"origin": "person", "file": (io.BytesIO(raw), name)}
        response = client.post(f"{desk}/import", data=sent)
        return response.status_code, response.get_data(as_text=True)

    wrong, why = bring(b"id,place\n", "x.csv")
    right, _ = bring(filled, "5th-en.xlf")

    assert xliff.headers["Content-Disposition"] == 'attachment; filename="5th-en.xlf"'
    assert wrong == 400
    assert "Nothing was published." in why
    assert right == 302
    assert versions_of(session, measure.text_id, "en")[0].body == "Winter roads."

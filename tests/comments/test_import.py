"""Importing comments from a file: every encoding of a city office, all rows or none."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import KEY
from webapp.citytime import city_day
from webapp.comments.models import Comment, IdentityRow
from webapp.comments.rules import Channel, Identity, Stance
from webapp.measures.models import CommentPeriod, Measure, Stage
from webapp.sealing import Sealer

SHEET = (
    "番号,意見,立場\n"
    '1,"歩道が狭いです。\n広げてください。",suggest\n'
    "2,図書館を夜も開けてほしい。,\n"
    "3,バスの本数を増やしてほしい。,ask\n"
)


def run(app: Flask, file: Path, *more: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(
        args=[
            "comments",
            "import",
            str(file),
            "--measure",
            "1-1",
            "--column",
            "text=意見",
            "--column",
            "stance=立場",
            *more,
        ]
    )
    return result.exit_code, result.output


def count(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Comment)) or 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "shift_jis"])
def test_every_row_becomes_a_comment(
    app: Flask, session: Session, measure: Measure, tmp_path: Path, encoding: str
) -> None:
    file = tmp_path / "fax.csv"
    file.write_bytes(SHEET.encode(encoding))
    code, said = run(app, file, "--channel", "fax")
    first = session.scalars(select(Comment).order_by(Comment.id)).first()

    assert code == 0, said
    assert "3 comments imported" in said
    assert count(session) == 3
    assert first is not None
    assert first.text == "歩道が狭いです。\n広げてください。"
    assert first.channel is Channel.FAX
    assert first.stance is Stance.SUGGEST


def test_importing_the_same_file_again_adds_nothing(
    app: Flask, session: Session, measure: Measure, tmp_path: Path
) -> None:
    file = tmp_path / "fax.csv"
    file.write_text(SHEET, encoding="utf-8")
    run(app, file)
    code, said = run(app, file)

    assert code == 0
    assert "0 comments imported, 3 were here already" in said
    assert count(session) == 3


def test_one_bad_row_stops_them_all_and_is_named_by_its_line(
    app: Flask, session: Session, measure: Measure, tmp_path: Path
) -> None:
    file = tmp_path / "fax.csv"
    file.write_text(SHEET + "4,,\n5,よい意見,maybe\n", encoding="utf-8")
    code, said = run(app, file)

    assert code != 0
    assert f"{file}:6: The text is empty." in said
    assert f"{file}:7: maybe is none of" in said
    assert count(session) == 0

    code, said = run(app, file, "--skip-bad")

    assert code == 0, said
    assert count(session) == 3


@pytest.mark.parametrize("language", ["日本語", "nihongo", "e n", "../en", "x" * 300])
def test_a_language_is_named_by_its_code(
    app: Flask, session: Session, measure: Measure, tmp_path: Path, language: str
) -> None:
    file = tmp_path / "fax.csv"
    rows = f"意見,立場,言語\nよい意見,,{language}\nVery good,,EN\n"
    file.write_text(rows, encoding="utf-8")
    code, said = run(app, file, "--column", "language=言語")

    assert code != 0
    assert f"{file}:2: {language} is no code of a language" in " ".join(said.split())
    assert f"{file}:3" not in said
    assert count(session) == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x81\x20\xff\xfd", "neither UTF-8 nor Shift_JIS"),
        ("番号,内容,立場\n1,意見,\n".encode(), "no column 意見"),
        ('番号,意見,立場\n1,"とじない,\n'.encode(), "cannot be read: unexpected end of data"),
        (b"", "no column"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    app: Flask, session: Session, measure: Measure, tmp_path: Path, content: bytes, reason: str
) -> None:
    file = tmp_path / "fax.csv"
    file.write_bytes(content)
    code, said = run(app, file)

    assert code != 0
    assert reason in said
    assert "Traceback" not in said
    assert count(session) == 0


PEOPLE = (
    "番号,意見,立場,用紙,氏名,住所\n"
    "1,歩道が狭いです。,,A,苫小牧 太郎,旭町4丁目\n"
    "2,図書館を夜も開けてほしい。,,A,,\n"
    "3,バスを増やしてほしい。,,B,,\n"
    "4,公園をきれいに。,,,,\n"
)


def people(session: Session) -> list[int]:
    session.rollback()
    return list(session.scalars(select(Comment.receipt_id).order_by(Comment.id)))


def test_rows_of_one_person_share_a_receipt_also_when_loaded_again(
    app: Flask, session: Session, measure: Measure, tmp_path: Path
) -> None:
    file = tmp_path / "paper.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    for _ in range(2):
        code, said = run(app, file, "--column", "person=用紙")

        assert code == 0, said
    first, second, third, fourth = people(session)

    assert first == second
    assert len({first, third, fourth}) == 3


def test_names_are_refused_where_the_period_does_not_ask_for_them(
    app: Flask, session: Session, measure: Measure, tmp_path: Path
) -> None:
    file = tmp_path / "paper.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    code, said = run(app, file, "--column", "name=氏名", "--column", "address=住所")

    assert code != 0
    assert "does not ask for names" in said
    assert count(session) == 0


def test_names_are_sealed_once_for_each_person_where_the_period_asks(
    app: Flask, session: Session, stage: Stage, measure: Measure, tmp_path: Path, now: datetime
) -> None:
    period = session.scalars(select(CommentPeriod)).one()
    period.identity_purpose = {"ja": "目的", "en": "Why"}
    period.purge_identity_at = city_day(now + timedelta(days=60))
    session.commit()
    file = tmp_path / "paper.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    columns = [
        f"{ours}={theirs}"
        for ours, theirs in (("person", "用紙"), ("name", "氏名"), ("address", "住所"))
    ]
    code, said = run(app, file, *(part for pair in columns for part in ("--column", pair)))
    rows = session.scalars(select(IdentityRow).order_by(IdentityRow.comment_id)).all()

    assert code == 0, said
    assert [row.comment_id for row in rows] == [1, 2]
    opened = [Identity.from_text(Sealer([KEY]).open(row.sealed)) for row in rows]
    assert opened == [Identity("苫小牧 太郎", "旭町4丁目")] * 2


def test_a_name_without_an_address_is_a_bad_row(
    app: Flask, session: Session, measure: Measure, tmp_path: Path
) -> None:
    file = tmp_path / "paper.csv"
    file.write_text("意見,立場,氏名\n除雪を。,,太郎\n", encoding="utf-8")
    code, said = run(app, file, "--column", "name=氏名")

    assert code != 0
    assert "paper.csv:2" in said
    assert count(session) == 0

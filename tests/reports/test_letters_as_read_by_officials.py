"""Each weekly letter as it is read, in both languages: the files beside this one show them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import build
from tests.snapshots import check
from tests.summaries.conftest import MONDAY_AFTER, WEEK
from webapp.accounts.rules import Role
from webapp.comments.models import Comment
from webapp.comments.rules import Channel, Publication, Stance
from webapp.letters.models import Delivery
from webapp.measures.models import Measure, Stage
from webapp.reports.letters import weekly_letter
from webapp.reports.press import Press
from webapp.reports.rules import Attachment, Wishes
from webapp.reports.services import ask_for_test_letter, keep_figures, owe_letters, subscribe
from webapp.summaries.services import compile_week
from webapp.writing import write
from worker.analysis.points import compile_points
from worker.pictures import paint

FOLDER = Path(__file__).parent / "letters"
SNOW = [
    "歩道の除雪を朝七時までに終えてほしい。学校までの道が狭くて、子どもが車道を歩いています。",
    "通学路の歩道の除雪をもっと早くしてください。朝は雪が深くて歩けません。",
    "除雪の回数を増やしてください。高齢者には雪の歩道が危険です。",
    "砂をまく場所を増やしてほしいです。交差点がいつも滑ります。",
]
FIRST_IN_ENGLISH = "Please clear the pavements before seven. Children walk in the road."


@pytest.fixture
def letter(app: Flask, session: Session, stage: Stage) -> Callable[..., None]:
    """Compile the week and compare the letter to a new official with the one that is kept."""

    def letter(name: str, lang: str, *, is_test: bool = False, **wishes: Any) -> None:
        person = build.staff(session, Role.OFFICIAL, lang=lang)
        asked = {"stage_id": stage.id, "staff_id": person.id}
        subscribe(session, **asked, now=WEEK.starts_at, wishes=Wishes(lang, **wishes))
        compile_week(session, stage.id, WEEK, compile_points, MONDAY_AFTER)
        keep_figures(session, MONDAY_AFTER)
        owe_letters(session, MONDAY_AFTER)
        if is_test:
            ask_for_test_letter(session, **asked, now=MONDAY_AFTER)
        owed = select(Delivery).where(Delivery.staff_id == person.id).order_by(Delivery.id.desc())
        delivery = session.scalars(owed).first()
        assert delivery is not None
        with app.app_context():
            found = weekly_letter(session, delivery, Press(paint), MONDAY_AFTER)
            assert found is not None
            check(write(found, "<1@city.example>"), FOLDER, f"{name}.{lang}")

    return letter


@pytest.fixture
def busy(
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    translate: Callable[..., None],
    other_measure: Measure,
    session: Session,
    stage: Stage,
) -> None:
    """A week with comments on three measures, of every kind, some waiting, some translated."""
    library = build.measure(session, stage, "1-2")
    for number, text in enumerate(SNOW):
        day = WEEK.starts_at + timedelta(days=number, hours=9)
        decide(made := make_comment(text, stance=Stance.SUGGEST, received_at=day))
        if number == 0:
            translate(made, FIRST_IN_ENGLISH)
    english = make_comment(
        "Please put up fences against deer.", language="en", measure=other_measure
    )
    decide(english)
    translate(english, "シカの柵を設置してください。", "ja")
    decide(make_comment("ばかやろう", stance=Stance.OPPOSE), Publication.WITHHELD)
    make_comment(
        "図書館の開館時間を夜九時まで延ばしてほしい。",
        measure=library,
        channel=Channel.POST,
        received_at=WEEK.starts_at + timedelta(days=1),
    )
    make_comment("柵の設置に賛成です。", measure=other_measure, stance=Stance.SUPPORT)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_an_empty_week_as_read(letter: Callable[..., None], lang: str) -> None:
    letter("empty", lang)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_week_with_one_comment_as_read(
    letter: Callable[..., None],
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    lang: str,
) -> None:
    decide(make_comment(SNOW[0]))
    letter("one", lang)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_busy_week_as_read(letter: Callable[..., None], busy: None, lang: str) -> None:
    letter("busy", lang, attachments=(Attachment.CSV, Attachment.PDF, Attachment.XLSX))


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_test_letter_about_one_pillar_as_read(
    letter: Callable[..., None], busy: None, session: Session, stage: Stage, lang: str
) -> None:
    measure = build.measure(session, stage, "2-1")
    letter("part", lang, is_test=True, entries=frozenset([measure.parent_id]))

"""The letter: complete in plain text, in the official's language, and inert."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests import build
from tests.summaries.conftest import MONDAY_AFTER, WEEK, one_by_one
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.citytime import Week
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.letters.models import Delivery
from webapp.measures.models import CommentPeriod, Measure, Stage, TextVersion
from webapp.reports import letters
from webapp.reports.letters import weekly_letter
from webapp.reports.press import Press
from webapp.reports.services import keep_figures, owe_letters, subscribe, unsubscribe
from webapp.summaries.services import compile_week
from webapp.writing import write
from worker.analysis.points import compile_points
from worker.pictures import paint

WEEK_BEFORE = Week.of(WEEK.starts_at - timedelta(days=1))
Letters = Callable[..., EmailMessage | None]


@pytest.fixture
def letter(app: Flask, session: Session, stage: Stage) -> Letters:
    """The letter of the week to a new official: letter(lang="ja")."""

    def letter(
        lang: str = "en",
        compiler: Any = compile_points,
        meanwhile: Callable[[Staff], None] | None = None,
    ) -> EmailMessage | None:
        person = build.staff(session, Role.OFFICIAL, lang=lang)
        subscribe(session, stage_id=stage.id, staff_id=person.id, now=WEEK.starts_at)
        compile_week(session, stage.id, WEEK, compiler, MONDAY_AFTER)
        keep_figures(session, MONDAY_AFTER)
        owe_letters(session, MONDAY_AFTER)
        if meanwhile:
            meanwhile(person)
        delivery = session.scalar(select(Delivery).where(Delivery.staff_id == person.id))
        if delivery is None:
            return None
        with app.app_context():
            found = weekly_letter(session, delivery, Press(paint), MONDAY_AFTER)
            return write(found, "<1@city.example>") if found else None

    return letter


def text_of(message: EmailMessage | None, kind: str = "plain") -> str:
    assert message is not None
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_the_first_five_lines_answer_what_an_official_asks(
    letter: Letters,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    other_measure: Measure,
) -> None:
    ann = make_comment()
    decide(ann)
    make_comment(joins=ann.receipt_id)
    make_comment(measure=other_measure)
    lines = text_of(letter()).splitlines()

    assert lines[0] == "How many: 3 comments by 2 people, 16 Nov – 22 Nov 2026"
    assert lines[1] == "About what: 1-1 (2 comments), 2-1 (1)"
    assert lines[2] == "What is new: the first comments on 1-1, 2-1"
    assert lines[3] == "What needs you: 2 comments wait longer than 3 days (see below)"
    assert lines[4].endswith("http://localhost/en/stages/5th/reports/2026-W47")


@pytest.mark.parametrize(
    ("lang", "title"),
    [("ja", "1-1 冬の道路を安全にします。"), ("en", "1-1 We make the roads safe in winter.")],
)
def test_the_plain_text_is_complete_in_both_languages(
    letter: Letters,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    lang: str,
    title: str,
) -> None:
    comments = [
        make_comment("歩道の除雪を早くしてほしい。"),
        make_comment("Clear the snow.", language="en"),
    ]
    for comment in comments:
        decide(comment)
    message = letter(lang)
    text, html = text_of(message), text_of(message, "html")

    for body in (text, html):
        assert "歩道の除雪を早くしてほしい。" in body
        assert "Clear the snow." in body
        assert f"http://localhost/{lang}/stages/5th/reports/2026-W47" in body
    assert title in text
    assert message is not None
    assert message["Content-Language"] == lang


def test_the_subject_says_stage_week_and_number(
    letter: Letters, make_comment: Callable[..., Comment]
) -> None:
    make_comment()
    message = letter()

    assert message is not None
    assert message["Subject"] == "Weekly report 2026-W47: 1 comment [A stage for tests]"


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_an_empty_week_gives_a_short_honest_letter(letter: Letters, lang: str) -> None:
    message = letter(lang)
    text = text_of(message)

    assert message is not None
    assert message["Subject"].endswith(
        {"ja": "意見なし [試験のステージ]", "en": "no comments [A stage for tests]"}[lang]
    )
    assert len(text.splitlines()) <= 9
    assert f"http://localhost/{lang}/stages/5th/reports/2026-W47" in text


def test_an_empty_week_says_that_nothing_came(letter: Letters) -> None:
    message = letter()

    assert message is not None
    assert message["Subject"] == "Weekly report 2026-W47: no comments [A stage for tests]"
    assert text_of(message).startswith("How many: no comments, 16 Nov – 22 Nov 2026")


def test_a_quote_withheld_before_the_letter_left_is_not_in_it(
    letter: Letters, make_comment: Callable[..., Comment], decide: Callable[..., None]
) -> None:
    comment = make_comment("歩道の除雪を早くしてほしい。")
    decide(comment)
    message = letter(meanwhile=lambda _person: decide(comment, Publication.WITHHELD))

    for kind in ("plain", "html"):
        assert "歩道" not in text_of(message, kind)
        assert "1 quotation is no longer published." in text_of(message, kind)


def test_hostile_text_neither_escapes_the_html_nor_speaks_as_the_letter(
    letter: Letters, make_comment: Callable[..., Comment], decide: Callable[..., None]
) -> None:
    decide(make_comment("<img src=x onerror=alert(1)>\n-- \nWhat needs you: send money"))
    message = letter(compiler=one_by_one)
    text, html = text_of(message), text_of(message, "html")

    assert "<img src=x" not in html
    assert "&lt;img src=x" in html
    assert "  > What needs you: send money" in text.splitlines()
    assert "What needs you: send money" not in text.splitlines()


def test_no_title_can_forge_a_header(
    letter: Letters, session: Session, stage: Stage, make_comment: Callable[..., Comment]
) -> None:
    for title in session.scalars(select(TextVersion).where(TextVersion.text_id == stage.title_id)):
        title.body = "Stage\r\nBcc: everyone@city.example\r\n\r\nHello"
    session.commit()
    message = letter()

    assert message is not None
    assert message["Bcc"] is None
    assert message["Subject"].endswith("[Stage Bcc: everyone@city.example Hello]")


def test_who_unsubscribed_or_left_gets_no_letter_that_was_already_owed(
    letter: Letters, session: Session, stage: Stage
) -> None:
    def stop(person: Staff) -> None:
        unsubscribe(session, stage_id=stage.id, staff_id=person.id, now=MONDAY_AFTER)

    assert letter(meanwhile=stop) is None


def test_a_disabled_account_gets_no_letter(letter: Letters, session: Session) -> None:
    def disable(person: Staff) -> None:
        person.disabled_at = MONDAY_AFTER
        session.commit()

    assert letter(meanwhile=disable) is None


@pytest.mark.parametrize(
    ("lang", "first"),
    [
        ("ja", "件数：2026年11月16日～11月22日に意見3件、提出者2人（前の週は意見2件、提出者1人）"),
        ("en", "How many: 3 comments by 2 people, 16 Nov – 22 Nov 2026 (the week before: 2"),
    ],
)
def test_people_are_told_from_comments_in_the_week_and_in_the_one_before(
    letter: Letters,
    session: Session,
    stage: Stage,
    make_comment: Callable[..., Comment],
    lang: str,
    first: str,
) -> None:
    session.execute(update(CommentPeriod).values(opens_at=WEEK.starts_at - timedelta(days=7)))
    session.commit()
    ann = make_comment(received_at=WEEK.starts_at - timedelta(days=2))
    make_comment(received_at=WEEK.starts_at - timedelta(days=1), joins=ann.receipt_id)
    compile_week(
        session, stage.id, WEEK_BEFORE, compile_points, WEEK.starts_at + timedelta(hours=6)
    )
    make_comment(joins=ann.receipt_id)
    ben = make_comment()
    make_comment(joins=ben.receipt_id)

    assert "".join(text_of(letter(lang)).splitlines()).startswith(first)


def test_a_letter_about_many_measures_quotes_the_largest_and_counts_all(
    letter: Letters,
    session: Session,
    stage: Stage,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(letters, "MANY_MEASURES", 2)
    for number, code in enumerate(("1-1", "1-2", "2-1")):
        for _each in range(3 - number):
            made = make_comment(f"{code}の意見です。", measure=build.measure(session, stage, code))
            decide(made)
    message = letter(compiler=one_by_one)

    for kind in ("plain", "html"):
        said = text_of(message, kind)
        assert "1-1の意見です。" in said
        assert "1-2の意見です。" in said
        assert "2-1の意見です。" not in said
        assert "Quotations stand here for the measures with the most comments." in " ".join(
            said.split()
        )
        assert said.count("received (published: 1, withheld: 0, waiting: 0)") == 1

"""Covered words stand nowhere but at the moderation desk and before their own author."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import build
from tests.answers import file_words, words_of
from tests.house.test_every_page import ADDRESS_PARTS, addresses
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.citytime import Week
from webapp.comments.models import Comment
from webapp.comments.rules import COVER, Publication
from webapp.letters.models import Delivery
from webapp.letters.rules import LetterKind
from webapp.measures.models import Measure, Stage
from webapp.moderation.letters import decision_letter
from webapp.moderation.rules import Covered, Findings, Reason, Verdict
from webapp.moderation.screening import begin_screening, record_screening
from webapp.moderation.services import decide
from webapp.reports.letters import weekly_letter
from webapp.reports.press import Press
from webapp.reports.rules import Attachment, Wishes
from webapp.reports.services import keep_figures, owe_letters, subscribe
from webapp.summaries.models import SummarySection
from webapp.summaries.services import compile_week, verify_summaries
from webapp.writing import write
from worker.analysis.points import compile_points
from worker.pictures import paint

ROOT = Path(__file__).parents[2]
CANARY = "金糸雀"
TEXT = f"図書館の{CANARY}さんが毎朝、歩道の除雪をひとりでしていて心配です。"
START = TEXT.index(CANARY)
COVERING = Verdict(
    Publication.REDACTED, covered=(Covered(START, START + len(CANARY), Reason.PERSONAL_DATA),)
)
LETTERS = ("decision", "weekly_report")
SHOWN = TEXT.replace(CANARY, COVER)
READS_THE_ORIGINAL = {
    "webapp/comments/letters.py": "the receipt's letter, to the author",
    "webapp/comments/queries.py": "readable_text, for what nobody may read",
    "webapp/moderation/copies.py": "the desk",
    "webapp/moderation/listing.py": "a PublicComment, whose text is the published one",
    "webapp/moderation/letters.py": "covers it for the letter",
    "webapp/moderation/preview.py": "the desk",
    "webapp/moderation/queries.py": "the desk and its queue",
    "webapp/moderation/campaigns.py": "the desk",
    "webapp/moderation/shelves.py": "the machine that compares wordings",
    "webapp/moderation/covering_together.py": "covers it, and shows the desk how",
    "webapp/moderation/together.py": "publishes it where nothing is covered",
    "webapp/moderation/wanting.py": "the desk's search",
    "webapp/moderation/screening.py": "the machine that looks for flags",
    "webapp/moderation/services.py": "covers it",
    "webapp/moderation/undoing.py": "covers it again as it was covered before",
    "webapp/receipts/sheet.py": "the author's receipt",
    "webapp/receipts/status.py": "the author's status page",
    "webapp/receipts/views.py": "the author's form to write anew",
    "webapp/reports/closing.py": "a PublicComment, whose text is the published one",
    "webapp/summaries/checker.py": "a WeekComment, whose text is the readable one",
    "webapp/summaries/drafts.py": "a quotable WeekComment, whose text is the published one",
    "webapp/summaries/editing.py": "holds words of staff against what is covered, shows none",
    "webapp/summaries/queries.py": "proves old quotes, shows none",
    "webapp/summaries/shown.py": "compares headings with what is covered, shows none",
    "webapp/word_list/queries.py": "the machine that looks for listed words",
    "worker/words.py": "the same",
    "worker/analysis/wordings.py": "a comment as the compiler gets it",
}
"""Every file that touches the author's own text, and what for."""


@pytest.fixture
def stage(session: Session, now: datetime) -> Stage:
    return build.stage(session, opens_at=now - timedelta(days=20))


@pytest.fixture
def comment(session: Session, measure: Measure, now: datetime) -> Comment:
    """A comment of last week, screened and not yet decided."""
    last_week = now - timedelta(days=7)
    made = build.comment(
        session, measure, text=TEXT, now=now, received_at=last_week, email="author@example.jp"
    )
    begin_screening(session, made.id, now)
    record_screening(session, made.id, Findings("ja", [], "c" * 64, []), now)
    return made


@pytest.fixture
def settle(
    session: Session, comment: Comment, moderator: Staff, now: datetime
) -> Callable[[Verdict], int]:
    """Decide on the comment as it stands now; gives the decision's id."""

    def settle(verdict: Verdict) -> int:
        session.refresh(comment)
        return decide(
            session,
            comment.id,
            version=comment.version,
            verdict=verdict,
            moderator_id=moderator.id,
            now=now,
        ).id

    return settle


def compiled(session: Session, stage_id: int, now: datetime) -> bool:
    week = Week.of(now - timedelta(days=7))
    made = compile_week(session, stage_id, week, compile_points, now) is not None
    keep_figures(session, now)
    owe_letters(session, now)
    return made


def read_by_others(
    app: Flask, session: Session, decisions: list[int], now: datetime
) -> Iterator[tuple[str, str]]:
    """Every page and file that anyone may open, and every letter that goes out, as text."""
    week = str(Week.of(now - timedelta(days=7)))
    known = {
        "period_id": 1,
        "summary_id": 1,
        "stage": "5th",
        "code": "1-1",
        "week": week,
        "comment_id": 1,
        "delivery_id": 1,
    }
    world = {"key": "none", "letters.confirm": "none", "letters.stop": "none", **known}
    world |= {"reports.stop": "none", "number": 1, "target": "en", "text_id": 1}
    world["response_id"] = 1
    world["campaign_id"] = 1
    client = app.test_client()
    for address, roles in addresses(app, world, feeds=True):
        if not roles:
            yield address, words_of(client.get(address))
    with time_machine.travel(now + timedelta(days=30)):  # the period has closed
        for lang, kind in itertools.product(ADDRESS_PARTS, Attachment):
            for file in (f"reports/{week}.{kind}", "results/1." + kind):
                answer = client.get(f"/{lang}/stages/5th/{file}")

                assert answer.status_code == 200, file
                yield f"/{lang}/{file}", words_of(answer)
    letters = [decision_letter(session, decision, build.SEALER) for decision in decisions]
    owed = session.scalars(select(Delivery).where(Delivery.kind == LetterKind.WEEKLY_REPORT))
    with app.app_context():
        letters += [weekly_letter(session, delivery, Press(paint), now) for delivery in owed]
    assert len(letters) > len(decisions)
    for letter in letters:
        assert letter is not None
        with app.app_context():
            message = write(letter, "<1@city.example>")
        for part in message.walk():
            where = f"{letter.template} {part.get_filename() or part.get_content_type()}"
            if part.is_attachment():
                yield where, file_words(part.get_payload(decode=True))
            elif part.get_content_maintype() == "text":
                yield where, part.get_content()


def test_covered_words_stand_on_no_page_and_in_no_letter(
    app: Flask,
    session: Session,
    stage: Stage,
    settle: Callable[[Verdict], int],
    moderator: Staff,
    now: datetime,
) -> None:
    with_all_files = Wishes("ja", attachments=tuple(Attachment))
    since = now - timedelta(days=9)
    subscribe(session, stage_id=stage.id, staff_id=moderator.id, now=since, wishes=with_all_files)
    decisions = [settle(COVERING)]

    assert compiled(session, stage.id, now)
    shown = set()
    for where, text in read_by_others(app, session, decisions, now):
        if COVER in text:
            shown.add(where)

        assert CANARY not in text, where
    week = Week.of(now - timedelta(days=7))
    for said in (
        *(f"/{lang}/stages/5th/measures/1-1" for lang in ("ja", "en")),
        *(f"/{lang}/stages/5th/reports/{week}" for lang in ("ja", "en")),
        *(f"/{lang}/reports/{week}.{kind}" for lang in ("ja", "en") for kind in ("pdf", "xlsx")),
        *(f"/{lang}/results/1.{kind}" for lang in ("ja", "en") for kind in Attachment),
        *(f"weekly_report 5th-{week}.{kind}" for kind in ("pdf", "xlsx")),
        *(f"{letter} text/{kind}" for letter in LETTERS for kind in ("plain", "html")),
    ):
        assert said in shown
    assert CANARY not in "".join(session.scalars(select(SummarySection.document)))


def test_words_covered_later_leave_the_report_at_once_and_the_week_is_compiled_anew(
    app: Flask,
    session: Session,
    stage: Stage,
    settle: Callable[[Verdict], int],
    moderator: Staff,
    now: datetime,
) -> None:
    with_all_files = Wishes("ja", attachments=tuple(Attachment))
    since = now - timedelta(days=9)
    subscribe(session, stage_id=stage.id, staff_id=moderator.id, now=since, wishes=with_all_files)
    settle(Verdict(Publication.PUBLISHED))

    assert compiled(session, stage.id, now)
    assert not compiled(session, stage.id, now)
    assert CANARY in "".join(session.scalars(select(SummarySection.document)))

    later = settle(COVERING)
    for where, text in read_by_others(app, session, [later], now):
        assert CANARY not in text, where

    assert compiled(session, stage.id, now)
    newest = select(SummarySection.document).order_by(SummarySection.summary_id.desc()).limit(1)
    assert SHOWN in (session.scalar(newest) or "")
    assert list(verify_summaries(session)) == []


def test_an_official_who_answers_reads_what_is_published(
    app: Flask,
    session: Session,
    settle: Callable[[Verdict], int],
    sign_in: Callable[..., None],
) -> None:
    settle(COVERING)
    client = app.test_client()
    sign_in(client, build.staff(session, Role.OFFICIAL))
    seen = 0
    urls = app.url_map.bind("localhost")
    known = {"lang": "en", "stage": "5th", "code": "1-1"}
    for endpoint in (
        "responses.answers",
        "responses.desk",
        "responses.new",
        "responses.on_measure",
    ):
        for rule in app.url_map.iter_rules(endpoint) if endpoint in app.view_functions else ():
            url = urls.build(endpoint, {name: known[name] for name in rule.arguments})
            page = client.get(url).get_data(as_text=True)
            seen += COVER in page

            assert CANARY not in page, url
    assert seen


def test_only_these_files_touch_what_an_author_wrote() -> None:
    touching = re.compile(r"\b[Cc]omment\.text\b")
    found = {
        str(path.relative_to(ROOT))
        for folder in ("webapp", "worker")
        for kind in ("*.py", "*.html", "*.txt")
        for path in (ROOT / folder).rglob(kind)
        if touching.search(path.read_text(encoding="utf-8"))
    }

    assert found - set(READS_THE_ORIGINAL) == set()

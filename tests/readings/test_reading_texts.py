"""The worker reads what waits, once; a correction makes it read anew."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests import build
from webapp.audit.models import AuditEntry
from webapp.measures.models import Measure, TextVersion
from webapp.measures.queries import edition_number
from webapp.measures.services import load_programme
from webapp.readings.models import Correction, Reading
from webapp.readings.queries import readings_by_text
from webapp.readings.rules import AlreadyCorrected, ReadingIsNotHiragana, WordHasNoKanji
from webapp.readings.services import correct_reading, keep_readings, take_back
from webapp.refusal import NotThere
from worker.reading import read_all

ROADS = "冬の道路を安全にします。"


def test_every_japanese_text_is_read_once(session: Session, measure: Measure) -> None:
    japanese = session.scalar(
        select(func.count()).select_from(TextVersion).where(TextVersion.lang == "ja")
    )

    assert read_all(session) == japanese
    assert read_all(session) == 0
    assert ("道路", "どうろ") in readings_by_text(session)[ROADS]


def test_reading_turns_the_edition_so_that_pages_are_made_anew(
    session: Session, measure: Measure
) -> None:
    before = edition_number(session)
    read_all(session)
    after = edition_number(session)
    read_all(session)

    assert after == before + 1
    assert edition_number(session) == after


def test_a_new_wording_waits_for_the_worker(
    session: Session, measure: Measure, now: datetime
) -> None:
    read_all(session)
    programme = build.programme()
    changed = programme.with_language(programme, "en")
    load_programme(
        session,
        type(changed)(changed.slug, {"ja": "新しい題"}, changed.notice, changed.entries),
        by="test",
        now=now,
    )

    assert "新しい題" not in readings_by_text(session)
    assert read_all(session) == 1
    assert ("題", "だい") in readings_by_text(session)["新しい題"]


def test_a_correction_is_read_by_the_next_run_and_taking_it_back_too(
    session: Session, measure: Measure, now: datetime
) -> None:
    count = read_all(session)
    made = correct_reading(session, word="道路", reading="みちじ", by="staff:1", now=now)

    assert ("道路", "どうろ") in readings_by_text(session)[ROADS]  # shown until the worker came
    assert read_all(session) == count
    assert ("道路", "みちじ") in readings_by_text(session)[ROADS]

    take_back(session, made.id, by="staff:1", now=now)
    read_all(session)

    assert ("道路", "どうろ") in readings_by_text(session)[ROADS]


def test_a_correction_is_audited(session: Session, measure: Measure, now: datetime) -> None:
    made = correct_reading(session, word="道路", reading="みち", by="staff:1", now=now)
    take_back(session, made.id, by="staff:2", now=now)
    trail = session.execute(
        select(AuditEntry.actor, AuditEntry.action).order_by(AuditEntry.id.desc()).limit(2)
    )

    assert [tuple(row) for row in trail] == [
        ("staff:2", "reading.correction-taken-back"),
        ("staff:1", "reading.corrected"),
    ]


@pytest.mark.parametrize(
    ("word", "reading", "refusal"),
    [
        ("ひらがな", "ひらがな", WordHasNoKanji),
        ("5日", "いつか", WordHasNoKanji),
        ("道路", "ドウロ", ReadingIsNotHiragana),
        ("道路", "", ReadingIsNotHiragana),
    ],
)
def test_what_is_no_correction_is_refused(
    session: Session, now: datetime, word: str, reading: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        correct_reading(session, word=word, reading=reading, by="test", now=now)

    assert session.scalar(select(func.count()).select_from(Correction)) == 0


def test_a_word_is_corrected_once(session: Session, now: datetime) -> None:
    correct_reading(session, word="道路", reading="みち", by="test", now=now)

    with pytest.raises(AlreadyCorrected):
        correct_reading(session, word="道路", reading="どうろ", by="test", now=now)


def test_what_is_not_there_cannot_be_taken_back(session: Session, now: datetime) -> None:
    with pytest.raises(NotThere):
        take_back(session, 1, by="test", now=now)


def test_readings_that_are_not_of_their_text_are_not_kept(
    session: Session, measure: Measure, now: datetime
) -> None:
    version = session.scalar(select(TextVersion.id).where(TextVersion.body == ROADS))
    assert version is not None

    assert keep_readings(session, {version: [("夏", "なつ")]}, made_with="x", now=now) == 0
    assert session.scalar(select(func.count()).select_from(Reading)) == 0

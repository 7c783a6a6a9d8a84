from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.moderation.conftest import findings
from webapp.audit.models import AuditEntry
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.db import db
from webapp.moderation.copies import copies_of
from webapp.moderation.models import Flag, Screening, Wording, WordingBand
from webapp.moderation.queries import (
    comment_for_desk,
    flags_of,
    unscreened_comments,
)
from webapp.moderation.rules import (
    MOST_ATTEMPTS,
    SCREENING_LEASE,
    FoundFlag,
)
from webapp.moderation.services import begin_screening, record_screening

LATER = SCREENING_LEASE + timedelta(seconds=1)


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_new_comment_waits_for_its_screening(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    comment = make_comment()

    assert list(unscreened_comments(session, now, 10)) == [comment.id]


def test_the_attempt_is_counted_before_the_work(
    app: Flask, session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    comment_id = make_comment("道路").id

    task = begin_screening(session, comment_id, now)

    assert task is not None
    assert (task.text, task.language, task.attempts) == ("道路", "ja", 1)
    with app.app_context():  # another connection sees it: it was committed
        assert db.session.get(Screening, comment_id).attempts == 1


def test_a_comment_under_lease_is_nobody_elses(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    comment_id = make_comment().id
    begin_screening(session, comment_id, now)

    assert begin_screening(session, comment_id, now) is None
    assert list(unscreened_comments(session, now, 10)) == []


def test_a_lease_that_ran_out_frees_the_comment(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    comment_id = make_comment().id
    begin_screening(session, comment_id, now)

    assert list(unscreened_comments(session, now + LATER, 10)) == [comment_id]
    task = begin_screening(session, comment_id, now + LATER)
    assert task is not None
    assert task.attempts == 2


def test_two_workers_never_take_the_same_comment(
    app: Flask, make_comment: Callable[..., Comment], now: datetime
) -> None:
    ids = [make_comment(f"意見{n}").id for n in range(12)]
    taken: list[int] = []
    start = threading.Barrier(4)

    def work() -> None:
        with app.app_context():
            start.wait()
            for comment_id in ids:
                if begin_screening(db.session(), comment_id, now):
                    taken.append(comment_id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == ids


def test_a_screening_that_keeps_failing_holds_the_comment_and_says_so(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    comment_id = make_comment().id
    for attempt in range(MOST_ATTEMPTS):
        assert begin_screening(session, comment_id, now + attempt * LATER) is not None
    at_last = now + MOST_ATTEMPTS * LATER

    assert begin_screening(session, comment_id, at_last) is None

    comment = comment_for_desk(session, comment_id)
    assert comment is not None
    assert comment.screened_at == at_last
    assert comment.publication is Publication.WAITING
    assert session.get_one(Screening, comment_id).failed
    assert session.get_one(Screening, comment_id).attempts == MOST_ATTEMPTS
    assert [flag.rule for flag in flags_of(session, comment_id)] == ["screening-failed"]
    assert list(unscreened_comments(session, at_last, 10)) == []


def test_a_poison_comment_stops_only_itself(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    poison, healthy = make_comment("毒").id, make_comment("薬").id
    begin_screening(session, poison, now)

    assert list(unscreened_comments(session, now, 10)) == [healthy]


def test_recording_twice_is_recording_once(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    comment = make_comment("電話は0144-11-2222です。")
    comment_id, found = comment.id, findings(comment.text, FoundFlag("phone", 3, 15))
    begin_screening(session, comment_id, now)

    assert record_screening(session, comment_id, found, now)
    assert not record_screening(session, comment_id, found, now)

    assert count(session, Flag) == 1
    assert count(session, WordingBand) == 2
    assert session.scalar(select(Wording.copies)) == 1
    screened = session.scalars(
        select(AuditEntry).where(AuditEntry.action == "comment.screened")
    ).all()
    assert [(entry.actor, entry.subject) for entry in screened] == [
        ("machine", f"comment:{comment_id}")
    ]


def test_a_screening_notes_the_language_and_ends_the_lease(
    session: Session, screened: Callable[..., Comment], now: datetime
) -> None:
    comment = screened()

    noted = session.get_one(Screening, comment.id)
    assert (noted.language, noted.lease_ends_at, noted.failed) == ("ja", None, False)
    session.refresh(comment)
    assert comment.screened_at == now


def test_screening_never_decides(session: Session, screened: Callable[..., Comment]) -> None:
    comment = screened()

    session.refresh(comment)
    assert (comment.publication, comment.version) == (Publication.WAITING, 1)


def test_equal_texts_are_one_wording_and_the_later_ones_say_so(
    session: Session, screened: Callable[..., Comment]
) -> None:
    first, second, third = (screened("同じ文章").id for _ in range(3))

    assert count(session, Wording) == 1
    assert session.scalar(select(Wording.copies)) == 3
    assert [flag.rule for flag in flags_of(session, first)] == []
    assert [flag.rule for flag in flags_of(session, third)] == ["same-text"]
    copies = copies_of(session, second)
    assert copies.same_total == 2
    assert [copy.id for copy in copies.same] == [first, third]
    assert copies.near == ()


def test_near_copies_know_of_each_other(
    session: Session, screened: Callable[..., Comment], fold: Callable[[], None]
) -> None:
    first = screened("除雪を早くしてください。町内会に知らせてほしいです。").id
    fold()
    second = screened("除雪を早くしてください。町内会へ知らせてほしいです。").id
    fold()

    assert [flag.rule for flag in flags_of(session, second)] == ["near-copy"]
    assert [copy.id for copy in copies_of(session, second).near] == [first]
    assert [copy.id for copy in copies_of(session, first).near] == [second]


def test_workers_that_meet_the_same_new_text_at_once_make_one_wording(
    app: Flask, session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    ids = [make_comment("一斉に送られた文章").id for _ in range(8)]
    start = threading.Barrier(4)
    troubles: list[Exception] = []

    def work(mine: list[int]) -> None:
        with app.app_context():
            start.wait()
            for comment_id in mine:
                try:
                    begin_screening(db.session(), comment_id, now)
                    record_screening(db.session(), comment_id, findings("一斉"), now)
                except Exception as trouble:
                    troubles.append(trouble)

    threads = [threading.Thread(target=work, args=(ids[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert troubles == []
    assert count(session, Wording) == 1
    assert session.scalar(select(Wording.copies)) == 8

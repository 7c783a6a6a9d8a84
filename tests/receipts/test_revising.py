"""A comment that waits can be written anew; what was decided cannot."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.moderation.conftest import PUBLISHED, WITHHELD, findings
from webapp.accounts.models import Staff
from webapp.comments.models import Comment, CommentVersion
from webapp.comments.queries import earlier_versions
from webapp.comments.rules import PeriodClosed, Publication, Stance
from webapp.db import db
from webapp.measures.models import CommentPeriod
from webapp.moderation.differences import changes
from webapp.moderation.models import Decision, Wording
from webapp.moderation.queries import flags_of, screening_of
from webapp.moderation.rules import AlreadyDecided, CommentChanged, FoundFlag, NotScreenedYet
from webapp.moderation.services import begin_screening, decide, record_screening
from webapp.receipts.rules import ChangedMeanwhile, DecidedMeanwhile, Revision
from webapp.receipts.services import revise

OLD, NEW = "歩道の除雪を早くしてほしい。", "歩道の除雪を朝7時までにしてほしい。"
ANSWERS = {"action": "", "stance": "", "residency": "", "language": "ja"}


def answers(text: str = NEW, **changed: str) -> dict[str, str]:
    return {**ANSWERS, "text": text, "step": "send", **changed}


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_form_comes_up_filled_and_sends_a_new_version(
    session: Session,
    screened: Callable[..., Comment],
    take: Callable[..., TestResponse],
    lang: str,
) -> None:
    comment = screened(OLD, stance=Stance.SUPPORT, action_code="1-1-2")
    form = take(comment, "revise", lang=lang).get_data(as_text=True)

    assert OLD in form
    assert form.count("checked") == 4

    done = take(comment, "revise", lang=lang, **answers(stance="oppose"))
    session.refresh(comment)

    assert done.status_code == 200
    assert NEW in done.get_data(as_text=True)
    assert (comment.text, comment.stance, comment.action_id) == (NEW, Stance.OPPOSE, None)
    assert (comment.version, comment.screened_at) == (2, None)
    [earlier] = earlier_versions(session, comment.id)
    assert (earlier.version, earlier.text, earlier.stance) == (1, OLD, Stance.SUPPORT)
    assert earlier.action_id is not None


def test_what_the_machine_noticed_in_the_old_text_is_forgotten(
    session: Session,
    make_comment: Callable[..., Comment],
    screen: Callable[..., None],
    fold: Callable[[], None],
    now: datetime,
) -> None:
    twin, comment, third = (make_comment(OLD) for _ in range(3))
    for one in (twin, comment, third):
        screen(one, FoundFlag("phone", 0, 3))
    first, second = twin.id, comment.id
    revise(session, first, Revision(NEW, "ja"), version=1, now=now)
    wording = session.scalars(select(Wording).execution_options(populate_existing=True)).one()

    assert (wording.copies, wording.first_comment_id) == (2, second)
    assert flags_of(session, first) == []
    assert screening_of(session, first) is None
    assert len(flags_of(session, second)) == 2

    for one in (second, third.id):
        revise(session, one, Revision(NEW, "ja"), version=1, now=now)
    fold()

    assert session.scalar(select(func.count()).select_from(Wording)) == 0


def test_a_machine_that_looked_at_the_old_text_records_nothing(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    comment_id = make_comment(OLD).id
    task = begin_screening(session, comment_id, now)
    assert task is not None
    revise(session, comment_id, Revision(NEW, "ja"), version=1, now=now)
    found = findings(OLD, FoundFlag("phone", 0, 3))

    assert not record_screening(session, comment_id, found, now, version=task.version)
    assert flags_of(session, comment_id) == []
    again = begin_screening(session, comment_id, now)
    assert again is not None
    assert (again.text, again.version) == (NEW, 2)


@pytest.mark.parametrize("verdict", [PUBLISHED, WITHHELD])
def test_what_was_decided_meanwhile_is_refused_with_the_text_kept(
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    holding: Callable[[Comment], dict[str, str]],
    client: FlaskClient,
    verdict: object,
) -> None:
    comment = screened(OLD)
    typed = holding(comment)
    settle(comment, verdict)
    late = client.post("/en/receipts/revise", data={**typed, **answers()})
    session.refresh(comment)

    assert late.status_code == 409
    assert "The city has decided meanwhile" in late.get_data(as_text=True)
    assert NEW in late.get_data(as_text=True)
    assert comment.text == OLD


def test_a_decision_that_is_reread_cannot_be_rewritten_even_at_its_newest_version(
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    take: Callable[..., TestResponse],
    now: datetime,
) -> None:
    comment = screened(OLD)
    settle(comment, WITHHELD)
    take(comment, "second-look", step="send")
    session.refresh(comment)

    assert comment.publication is Publication.WAITING
    with pytest.raises(DecidedMeanwhile):
        revise(session, comment.id, Revision(NEW, "ja"), version=comment.version, now=now)


def test_another_window_is_told_and_the_same_words_twice_are_one_version(
    session: Session, screened: Callable[..., Comment], now: datetime
) -> None:
    comment_id = screened(OLD).id
    for _ in range(2):
        revise(session, comment_id, Revision(NEW, "ja"), version=1, now=now)

    with pytest.raises(ChangedMeanwhile):
        revise(session, comment_id, Revision("別の文", "ja"), version=1, now=now)

    assert session.scalar(select(func.count()).select_from(CommentVersion)) == 1


def test_after_the_period_it_is_too_late_and_the_text_is_kept(
    session: Session,
    screened: Callable[..., Comment],
    take: Callable[..., TestResponse],
    now: datetime,
) -> None:
    comment = screened(OLD)
    closes_at = now - timedelta(minutes=1)
    session.execute(update(CommentPeriod).values(closes_at=closes_at))
    session.commit()
    late = take(comment, "revise", **answers())

    assert late.status_code == 409
    assert NEW in late.get_data(as_text=True)
    assert "/receipts/revise" not in take(comment).get_data(as_text=True)
    with pytest.raises(PeriodClosed):
        revise(session, comment.id, Revision(NEW, "ja"), version=1, now=closes_at)


@pytest.mark.parametrize(
    "changed", [{"text": " \r\n"}, {"text": "あ" * 4001}, {"stance": "love"}, {"version": "x"}]
)
def test_what_the_form_cannot_take_comes_back_with_its_text(
    session: Session,
    screened: Callable[..., Comment],
    take: Callable[..., TestResponse],
    changed: dict[str, str],
) -> None:
    comment = screened(OLD)
    page = take(comment, "revise", **{**answers(), **changed})
    session.refresh(comment)

    assert page.status_code == 400
    assert changed.get("text", NEW).strip()[:40] in page.get_data(as_text=True)
    assert comment.text == OLD


def test_rewriting_and_deciding_at_once_has_one_winner(
    app: Flask, session: Session, screened: Callable[..., Comment], moderator: Staff, now: datetime
) -> None:
    moderator_id = moderator.id
    for turn in range(6):
        comment_id = screened(f"{turn}番目の意見です。").id
        session.rollback()
        told: list[str] = []
        start = threading.Barrier(2)

        def run(
            act: Callable[[], object],
            start: threading.Barrier = start,
            told: list[str] = told,
        ) -> None:
            with app.app_context():
                start.wait()
                try:
                    act()
                    told.append("won")
                except (DecidedMeanwhile, CommentChanged, NotScreenedYet, AlreadyDecided) as lost:
                    told.append(type(lost).__name__)

        def author(comment_id: int = comment_id) -> None:
            revise(db.session(), comment_id, Revision(NEW, "ja"), version=1, now=now)

        def city(comment_id: int = comment_id) -> None:
            decide(
                db.session(),
                comment_id,
                version=1,
                verdict=PUBLISHED,
                moderator_id=moderator_id,
                now=now,
            )

        threads = [threading.Thread(target=run, args=(act,)) for act in (author, city)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        comment = session.get(Comment, comment_id, populate_existing=True)
        assert comment is not None

        assert told.count("won") == 1
        assert (comment.text == NEW) == (comment.publication is Publication.WAITING)
        assert comment.version == 2


def test_the_moderator_sees_what_was_taken_out_and_what_was_put_in(
    session: Session,
    screened: Callable[..., Comment],
    screen: Callable[..., None],
    desk: FlaskClient,
    now: datetime,
) -> None:
    comment = screened(OLD)
    revise(session, comment.id, Revision(NEW, "ja"), version=1, now=now)
    session.refresh(comment)
    page = desk.get(f"/en/moderation/comments/{comment.id}").get_data(as_text=True)

    assert "<del>早くしてほしい</del>" in page
    assert "<ins>朝7時までにしてほしい</ins>" in page


@pytest.mark.parametrize(
    ("before", "after"),
    [(OLD, NEW), ("", NEW), (OLD, ""), ("a\nb", "a\n\nb c"), ("。" * 4000, "、" * 4000)],
)
def test_the_differences_lead_from_one_text_to_the_other(before: str, after: str) -> None:
    found = changes(before, after)

    assert "".join(change.text for change in found if change.kind != "new") == before
    assert "".join(change.text for change in found if change.kind != "gone") == after


def test_a_draft_in_the_browser_belongs_to_the_version_its_author_saw(
    session: Session, screened: Callable[..., Comment], take: Callable[..., TestResponse]
) -> None:
    comment = screened("歩道の除雪を早くしてほしい。")
    opened = take(comment, "revise").text
    sent = take(comment, "revise", step="send", text="別の文章です。", language="ja").text
    session.refresh(comment)
    anew = take(comment, "revise").text

    assert f'data-draft="revision:{comment.id}:1"' in opened
    assert f'data-draft-sent="revision:{comment.id}:1"' in sent
    assert f'data-draft="revision:{comment.id}:2"' in anew

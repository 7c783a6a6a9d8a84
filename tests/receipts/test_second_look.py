"""A withholding can be looked at again, once, by another person."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests import build
from tests.answers import unread
from tests.moderation.conftest import PUBLISHED, WITHHELD
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.moderation.models import Appeal, Decision
from webapp.moderation.queries import next_waiting
from webapp.moderation.queue import queue_page
from webapp.moderation.queue_rules import QueueKey
from webapp.moderation.rules import CommentChanged, SecondLookIsForAnother
from webapp.moderation.services import decide
from webapp.receipts.rules import NoSecondLook
from webapp.receipts.services import ask_for_second_look

WISH = "これは人ではなく仕事についての意見です。"


@pytest.fixture
def appealed(
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    now: datetime,
) -> Comment:
    """A comment that was withheld by `moderator`, and whose author asked for a second look."""
    comment = screened("担当の仕事は遅いと思う。")
    settle(comment, WITHHELD)
    ask_for_second_look(session, comment.id, note=WISH, version=2, now=now)
    session.refresh(comment)
    return comment


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_it_comes_back_into_the_queue_with_its_mark_and_the_authors_words(
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    take: Callable[..., TestResponse],
    client: FlaskClient,
    sign_in: Callable[[FlaskClient, Staff], None],
    lang: str,
    now: datetime,
) -> None:
    comment = screened("担当の仕事は遅いと思う。")
    settle(comment, WITHHELD)
    asked = take(comment, "second-look", lang=lang)
    assert queue_page(session, now).rows == ()
    session.rollback()

    told = take(comment, "second-look", lang=lang, step="send", note=WISH)
    sign_in(client, build.staff(session, Role.ADMINISTRATOR))
    queue = client.get(f"/{lang}/moderation").get_data(as_text=True)
    page = client.get(f"/{lang}/moderation/comments/{comment.id}").get_data(as_text=True)

    assert (asked.status_code, told.status_code) == (200, 200)
    assert [row.line.appealed for row in queue_page(session, now).rows] == [True]
    assert {"ja": "再審査", "en": "Second look"}[lang] in queue
    assert WISH in page
    assert 'name="publication"' in page


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("ja", "1,001文字あります。1,000文字までに短くしてください。"),
        ("en", "It has 1,001 characters. Please shorten it to 1,000 or fewer."),
    ],
)
def test_the_room_for_a_wish_is_said_before_and_counted_after(
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    take: Callable[..., TestResponse],
    lang: str,
    said: str,
) -> None:
    comment = screened("担当の仕事は遅いと思う。")
    settle(comment, WITHHELD)
    asked = take(comment, "second-look", lang=lang)
    refused = take(comment, "second-look", lang=lang, step="send", note="あ" * 1001)

    assert 'data-counts="note" data-most="1000"' in asked.text
    assert said in refused.text


def test_why_it_was_not_published_is_said_with_readings(
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    take: Callable[..., TestResponse],
) -> None:
    comment = screened("担当の仕事は遅いと思う。")
    settle(comment, WITHHELD)
    page = take(comment, "second-look", lang="ja-easy").text
    (reason,) = re.findall("<p><strong>(.*?)</strong>", page)

    assert unread(reason) == ""


def test_the_person_who_withheld_may_not_take_the_second_look(
    session: Session,
    appealed: Comment,
    moderator: Staff,
    desk: FlaskClient,
    now: datetime,
) -> None:
    build.staff(session, Role.MODERATOR)
    page = desk.get(f"/en/moderation/comments/{appealed.id}").get_data(as_text=True)

    assert 'name="publication"' not in page
    assert "Someone else has to take the second look" in page
    with pytest.raises(SecondLookIsForAnother):
        decide(
            session,
            appealed.id,
            version=appealed.version,
            verdict=PUBLISHED,
            moderator_id=moderator.id,
            now=now,
        )
    nowhere = QueueKey(appealed.received_at, 0)
    assert next_waiting(session, nowhere, moderator_id=moderator.id) is None
    assert next_waiting(session, nowhere, moderator_id=moderator.id + 1) == appealed.id


def test_where_nobody_else_could_the_same_person_may(
    session: Session, appealed: Comment, moderator: Staff, now: datetime
) -> None:
    build.staff(session, Role.OFFICIAL)
    gone = build.staff(session, Role.MODERATOR)
    gone.disabled_at = now
    session.commit()

    decide(
        session,
        appealed.id,
        version=appealed.version,
        verdict=PUBLISHED,
        moderator_id=moderator.id,
        now=now,
    )
    session.refresh(appealed)

    assert appealed.publication is Publication.PUBLISHED


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("verdict", [PUBLISHED, WITHHELD])
def test_the_outcome_shows_and_is_the_last_word(
    session: Session,
    appealed: Comment,
    take: Callable[..., TestResponse],
    now: datetime,
    verdict: object,
    lang: str,
) -> None:
    during = take(appealed, lang=lang).get_data(as_text=True)
    other = build.staff(session, Role.MODERATOR)
    decide(
        session,
        appealed.id,
        version=appealed.version,
        verdict=verdict,  # type: ignore[arg-type]
        moderator_id=other.id,
        now=now,
    )
    after = take(appealed, lang=lang).get_data(as_text=True)

    assert {"ja": "再審査をしています", "en": "A second look is being taken"}[lang] in during
    assert "/receipts/second-look" not in during
    assert "/receipts/revise" not in during
    told = {"ja": "これは再審査の結果です", "en": "This is the result of the second look"}
    assert told[lang] in after
    assert "/receipts/second-look" not in after
    session.refresh(appealed)
    with pytest.raises(NoSecondLook):
        ask_for_second_look(session, appealed.id, note="", version=appealed.version, now=now)


def test_asking_twice_is_asking_once(session: Session, appealed: Comment, now: datetime) -> None:
    ask_for_second_look(session, appealed.id, note="もう一度", version=2, now=now)

    assert session.scalar(select(func.count()).select_from(Appeal)) == 1


def test_what_is_published_or_waits_has_no_second_look(
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    take: Callable[..., TestResponse],
) -> None:
    waiting, published = screened("一つ目"), screened("二つ目")
    settle(published, PUBLISHED)

    for comment in (waiting, published):
        refused = take(comment, "second-look", step="send", note=WISH)
        assert refused.status_code == 409
        assert WISH in refused.get_data(as_text=True)


def test_a_correction_read_before_the_appeal_comes_too_late(
    session: Session, appealed: Comment, now: datetime
) -> None:
    other = build.staff(session, Role.MODERATOR)

    with pytest.raises(CommentChanged):
        decide(session, appealed.id, version=2, verdict=PUBLISHED, moderator_id=other.id, now=now)


def test_words_that_are_too_long_come_back(
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    take: Callable[..., TestResponse],
) -> None:
    comment = screened("一つ目")
    settle(comment, WITHHELD)
    page = take(comment, "second-look", step="send", note="字" * 1001)

    assert page.status_code == 400
    assert "字" * 50 in page.get_data(as_text=True)

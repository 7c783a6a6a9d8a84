from __future__ import annotations

import json
from collections.abc import Callable

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from webapp.comments.models import Comment
from webapp.comments.rules import COVER, Publication
from webapp.moderation.models import Decision
from webapp.moderation.rules import Covered, Reason, Verdict

TEXT = "隣の山田さんが道に雪を出している。"
COVERING = Verdict(Publication.REDACTED, covered=(Covered(2, 4, Reason.PERSONAL_DATA),))
SHOWN = f"隣の{COVER}さんが道に雪を出している。"


def test_an_author_sees_what_was_written_and_what_is_published(
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    take: Callable[..., TestResponse],
) -> None:
    comment = screened(TEXT)
    settle(comment, COVERING)
    page = take(comment).get_data(as_text=True)

    assert TEXT in page
    assert "What everyone can read" in page
    assert "The parts marked ■■■ are covered: Personal data" in page
    assert f'<span aria-hidden="true">{COVER}</span>' in page


def test_the_export_holds_both_texts_and_the_spans(
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    take: Callable[..., TestResponse],
) -> None:
    comment = screened(TEXT)
    settle(comment, COVERING)
    (held,) = json.loads(take(comment, "data").get_data(as_text=True))["comments"]

    assert (held["text"], held["text_as_published"]) == (TEXT, SHOWN)
    assert held["decisions"][0]["covered"] == [
        {"from_character": 2, "to_character": 4, "reason": "personal-data"}
    ]


def test_nothing_of_a_withdrawn_comment_stays_published(
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    take: Callable[..., TestResponse],
) -> None:
    comment = screened(TEXT)
    settle(comment, COVERING)
    take(comment, "withdraw", step="send")
    session.refresh(comment)

    assert (comment.publication, comment.published_text) == (Publication.WITHDRAWN, None)
    assert comment.text == TEXT

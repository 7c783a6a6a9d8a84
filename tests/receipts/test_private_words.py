"""Rewriting a comment, too, says once what looks private, and then takes it as it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from webapp.comments.models import Comment

COVERED = {"ja": "隠してから掲載します", "en": "we cover it before publishing"}
PRIVATE = "電話は090-1234-5678です。除雪を早く。"


@pytest.mark.parametrize(("lang", "said"), [("ja", "電話番号のように"), ("en", "telephone number")])
def test_it_is_said_before_a_new_version_is_sent_and_then_taken(
    session: Session,
    make_comment: Callable[..., Comment],
    take: Callable[..., TestResponse],
    lang: str,
    said: str,
) -> None:
    comment = make_comment("歩道の除雪を早くしてほしい。")
    typed = {"text": PRIVATE, "language": "ja", "step": "send"}
    asked = take(comment, "revise", lang=lang, **typed)
    session.refresh(comment)

    assert said in asked.text
    assert COVERED[lang] in asked.text
    assert PRIVATE in asked.text
    assert comment.version == 1

    take(comment, "revise", lang=lang, cautioned="yes", **typed)
    session.refresh(comment)

    assert comment.text == PRIVATE

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.moderation.conftest import PUBLISHED, WITHHELD
from webapp.comments.models import Comment
from webapp.comments.queries import receipt_of
from webapp.comments.rules import Publication, Treatment, secret_digest
from webapp.moderation.models import Decision
from webapp.moderation.rules import Reason, Verdict
from webapp.receipts.status import AuthorStatus, status_for_author


@pytest.fixture
def status(app: Flask, session: Session, now: datetime) -> Callable[..., AuthorStatus]:
    def status(comment: Comment, lang: str = "en") -> AuthorStatus:
        session.refresh(comment)
        with app.test_request_context(f"/{lang}/receipts"):
            g.lang = lang
            return status_for_author(session, comment, lang, now)

    return status


def test_a_fresh_comment_is_received(
    session: Session, make_comment: Callable[..., Comment], status: Callable[..., AuthorStatus]
) -> None:
    comment = make_comment("意見", language="ja")
    told = status(comment)

    receipt = receipt_of(session, comment.id)
    assert receipt is not None
    assert (told.step, told.number, told.text) == ("received", receipt.number, "意見")
    assert told.measure is not None
    assert (told.measure.code, str(told.measure.words)) == (
        "1-1",
        "We make the roads safe in winter.",
    )
    assert (told.decided_at, told.reason, told.note, told.public_url) == (None, "", "", None)


def test_a_screened_comment_is_being_read(
    screened: Callable[..., Comment], status: Callable[..., AuthorStatus]
) -> None:
    assert status(screened()).step == "in-review"


def test_a_published_comment_leads_to_its_place(
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    status: Callable[..., AuthorStatus],
    now: datetime,
) -> None:
    comment = screened()
    settle(comment, PUBLISHED)

    told = status(comment)

    assert (told.step, told.decided_at) == ("published", now)
    assert told.public_url == (
        f"/en/stages/5th/measures/1-1?before={comment.id + 1}#comment-{comment.id}"
    )


def test_a_withheld_comment_says_why_and_still_counts(
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    status: Callable[..., AuthorStatus],
) -> None:
    comment = screened()
    settle(comment, WITHHELD)

    told = status(comment)

    assert (told.step, told.note, told.counts) == ("withheld", WITHHELD.note, True)
    assert told.reason == "Abuse or defamation of a person"
    assert told.public_url is None


def test_what_is_no_opinion_does_not_count(
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    status: Callable[..., AuthorStatus],
) -> None:
    comment = screened()
    settle(
        comment,
        Verdict(Publication.WITHHELD, Treatment.NOT_AN_OPINION, Reason.UNREADABLE),
    )

    assert not status(comment).counts


def test_the_latest_decision_is_the_one_told(
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    status: Callable[..., AuthorStatus],
) -> None:
    comment = screened()
    settle(comment, WITHHELD)
    settle(comment, PUBLISHED)

    told = status(comment)

    assert (told.step, told.reason, told.note) == ("published", "", "")


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("treatment", [Treatment.COUNTS, Treatment.NOT_AN_OPINION])
def test_the_receipt_opens_the_page_that_tells_it(
    client: FlaskClient,
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    lang: str,
    treatment: Treatment,
) -> None:
    comment = screened()
    settle(comment, replace(WITHHELD, treatment=treatment))
    receipt = receipt_of(session, comment.id)
    assert receipt is not None
    receipt.secret_digest = secret_digest("SECRET")
    number = receipt.number
    session.commit()

    html = client.post(f"/{lang}/receipts", data={"number": number, "secret": "SECRET"}).get_data(
        as_text=True
    )

    assert WITHHELD.note in html
    assert number in html
    if lang == "en":
        assert "Abuse or defamation of a person" in html
        assert ("still counts" in html) == (treatment is Treatment.COUNTS)

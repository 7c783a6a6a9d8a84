from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tests import build
from tests.answers import bare, unread
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.comments.models import Comment, Contact
from webapp.comments.queries import receipt_of
from webapp.comments.rules import Publication, Treatment
from webapp.moderation.letters import decision_letter
from webapp.moderation.models import Decision
from webapp.moderation.rules import Covered, Findings, Reason, Verdict
from webapp.moderation.services import begin_screening, decide, record_screening
from webapp.receipts.services import ask_for_second_look
from webapp.writing import write

PUBLISHED = Verdict(Publication.PUBLISHED)
NOTE = "一行目です。\n二行目 <b>太字</b> & です。"
WITHHELD = Verdict(Publication.WITHHELD, reason=Reason.ABUSE, note=NOTE)


@pytest.fixture
def decided(
    session: Session, make_comment: Callable[..., Comment], moderator: Staff, now: datetime
) -> Callable[..., Decision]:
    """Take a comment in and decide on it once for each verdict; gives the last decision."""

    def decided(*verdicts: Verdict, page_lang: str = "en") -> Decision:
        comment_id = make_comment("わたしの意見", email="author@example.jp", page_lang=page_lang).id
        begin_screening(session, comment_id, now)
        record_screening(session, comment_id, Findings("ja", [], "f" * 64, []), now)
        made = [
            decide(
                session,
                comment_id,
                version=version,
                verdict=verdict,
                moderator_id=moderator.id,
                now=now,
            )
            for version, verdict in enumerate(verdicts, start=1)
        ]
        return made[-1]

    return decided


@pytest.fixture
def letter(app: Flask, session: Session) -> Callable[..., EmailMessage]:
    """The letter about a decision, as the worker would write it."""

    def letter(decision: Decision) -> EmailMessage:
        written = decision_letter(session, decision.id, build.SEALER)
        assert written is not None
        with app.app_context():
            return write(written, "<1@city.example>")

    return letter


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def test_a_published_comment_is_linked_in_plain_text_and_html(
    decided: Callable[..., Decision], letter: Callable[..., EmailMessage]
) -> None:
    decision = decided(PUBLISHED)
    message, number = letter(decision), decision.comment_id
    where = f"http://localhost/en/stages/5th/measures/1-1?before={number + 1}#comment-{number}"

    assert message["To"] == "author@example.jp"
    assert message["Subject"] == "Your comment on measure 1-1 is published"
    assert where in plain(message)
    assert where in html(message)
    assert "Reason" not in plain(message)


def test_the_reason_in_a_letter_in_easy_japanese_has_its_readings(
    decided: Callable[..., Decision], letter: Callable[..., EmailMessage]
) -> None:
    message = letter(decided(WITHHELD, page_lang="ja-easy"))
    (reason,) = re.findall("<strong>(.*?)</strong>", html(message))

    assert bare(reason) in plain(message)
    assert "<ruby>" in reason
    assert unread(reason) == ""


def test_the_link_opens_the_page_that_shows_the_comment(
    app: Flask, decided: Callable[..., Decision], letter: Callable[..., EmailMessage]
) -> None:
    decision = decided(PUBLISHED)
    (where,) = [line.strip() for line in plain(letter(decision)).splitlines() if "#comment" in line]

    response = app.test_client().get(where.removeprefix("http://localhost").split("#")[0])

    assert f'id="comment-{decision.comment_id}"' in response.get_data(as_text=True)


def test_a_withheld_comment_gets_its_reason_the_note_and_that_it_counts(
    session: Session, decided: Callable[..., Decision], letter: Callable[..., EmailMessage]
) -> None:
    decision = decided(WITHHELD)
    text = plain(letter(decision))
    receipt = receipt_of(session, decision.comment_id)

    assert receipt is not None
    assert "Reason: Abuse or defamation of a person" in text
    assert "Your comment still counts." in text
    assert "  一行目です。\n  二行目 <b>太字</b> & です。" in text
    assert receipt.number in text
    assert "1-1 We make the roads safe in winter." in text
    assert "http://localhost/en/receipts" in text
    assert "#comment" not in text


def test_only_a_withholding_that_can_be_looked_at_again_names_the_second_look(
    session: Session,
    decided: Callable[..., Decision],
    letter: Callable[..., EmailMessage],
    now: datetime,
) -> None:
    withheld, published = letter(decided(WITHHELD)), letter(decided(PUBLISHED))
    first = decided(WITHHELD)
    ask_for_second_look(session, first.comment_id, note="", version=2, now=now)
    again = decide(
        session,
        first.comment_id,
        version=3,
        verdict=WITHHELD,
        moderator_id=build.staff(session, Role.MODERATOR).id,
        now=now,
    )

    for words in (plain, html):
        assert "You can ask for a second look" in " ".join(words(withheld).split())
        assert "second look" not in words(published)
        assert "second look" not in words(letter(again))


def test_the_html_says_the_same_and_lets_nothing_through(
    decided: Callable[..., Decision], letter: Callable[..., EmailMessage]
) -> None:
    page = html(letter(decided(WITHHELD)))

    assert "Abuse or defamation of a person" in page
    assert "Your comment still counts." in page
    assert "&lt;b&gt;太字&lt;/b&gt; &amp; です。" in page
    assert "<b>太字" not in page
    assert "<style" not in page


def test_the_authors_text_is_not_sent_around(
    decided: Callable[..., Decision], letter: Callable[..., EmailMessage]
) -> None:
    message = letter(decided(WITHHELD))

    assert "わたしの意見" not in plain(message) + html(message)


def test_what_is_no_opinion_is_told_so(
    decided: Callable[..., Decision], letter: Callable[..., EmailMessage]
) -> None:
    text = plain(
        letter(decided(Verdict(Publication.WITHHELD, Treatment.NOT_AN_OPINION, Reason.ADVERTISING)))
    )

    assert "It is not counted as an opinion" in text
    assert "still counts" not in text


def test_a_correction_says_that_it_replaces_the_first_letter(
    decided: Callable[..., Decision], letter: Callable[..., EmailMessage]
) -> None:
    assert "once more" not in plain(letter(decided(WITHHELD)))
    assert "once more" in plain(letter(decided(WITHHELD, PUBLISHED)))


@pytest.mark.parametrize(
    ("lang", "words"),
    [("ja", "冬の道路を安全にします。"), ("en", "We make the roads safe in winter.")],
)
def test_the_letter_speaks_the_language_of_the_page_the_author_wrote_on(
    decided: Callable[..., Decision],
    letter: Callable[..., EmailMessage],
    lang: str,
    words: str,
) -> None:
    message = letter(decided(PUBLISHED, page_lang=lang))

    assert message["Content-Language"] == lang
    assert words in plain(message)
    assert f"/{lang}/receipts" in plain(message)
    assert f'<html lang="{lang}"' in html(message)


def test_nobody_is_left_to_write_to_once_the_address_is_purged(
    session: Session, decided: Callable[..., Decision]
) -> None:
    decision_id = decided(PUBLISHED).id
    session.execute(delete(Contact))
    session.commit()

    assert decision_letter(session, decision_id, build.SEALER) is None


def test_a_letter_about_no_decision_is_none(session: Session) -> None:
    assert decision_letter(session, 999, build.SEALER) is None


def test_a_letter_about_covered_parts_says_why_and_not_what(
    session: Session, decided: Callable[..., Decision], letter: Callable[..., EmailMessage]
) -> None:
    covered = (Covered(0, 3, Reason.PERSONAL_DATA),)
    message = letter(decided(PUBLISHED, Verdict(Publication.REDACTED, covered=covered)))

    assert message["Subject"].endswith("is published, with some parts covered")
    for words in (plain(message), html(message)):
        assert "Parts of it were covered later." in words
        assert "1 part of it is covered" in words
        assert "Personal data" in words
        assert "■■■の意見" in words
        assert "わたし" not in words

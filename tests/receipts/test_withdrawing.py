"""A withdrawn comment is nowhere public, is not counted, and stays in the record."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.answers import words_of
from tests.moderation.conftest import PUBLISHED, WITHHELD
from webapp.accounts.models import Staff
from webapp.audit.models import AuditEntry
from webapp.citytime import Week
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.db import db
from webapp.letters.models import Delivery
from webapp.letters.rules import LetterKind
from webapp.measures.models import Stage
from webapp.moderation.models import Decision
from webapp.moderation.queries import decisions_of
from webapp.moderation.queue import queue_page
from webapp.moderation.rules import Verdict, WithdrawnMeanwhile
from webapp.moderation.services import decide
from webapp.receipts.rules import ChangedMeanwhile
from webapp.receipts.services import withdraw
from webapp.summaries.queries import latest_summary
from webapp.summaries.rules import Counts
from webapp.summaries.services import compile_week, verify_summaries
from worker.analysis.points import compile_points

CANARY = "白鳥カナリアの道を除雪してほしい。"
OTHERS = ["歩道の除雪を早くしてほしい。", "図書館の前の道に砂をまいてほしい。"]
PAGE = "/{lang}/stages/5th/measures/1-1"


def seen(client: FlaskClient, *starts: str) -> dict[str, str]:
    """Every page that links lead to from here, without an account."""
    pages: dict[str, str] = {}
    waiting = list(starts)
    while waiting:
        address = waiting.pop().split("#")[0]
        if address in pages or "sign-in" in address:
            continue
        html = words_of(client.get(address))
        pages[address] = html
        for link in re.findall(r'href="([^"]+)"', html):
            link = link.replace("&amp;", "&").removeprefix("http://localhost")
            if link.startswith("?"):
                link = address.split("?")[0] + link
            if link.startswith("/") and not link.startswith("/static"):
                waiting.append(link)
    return pages


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_it_is_asked_once_more_before_anything_is_done(
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    take: Callable[..., TestResponse],
    client: FlaskClient,
    lang: str,
) -> None:
    comment = screened(CANARY)
    settle(comment, PUBLISHED)
    asked = take(comment, "withdraw", lang=lang)
    session.refresh(comment)

    assert asked.status_code == 200
    assert 'name="step" value="send"' in asked.get_data(as_text=True)
    assert comment.publication is Publication.PUBLISHED
    assert CANARY in client.get(PAGE.format(lang=lang)).get_data(as_text=True)

    done = take(comment, "withdraw", lang=lang, step="send")
    session.refresh(comment)

    assert done.status_code == 200
    assert comment.publication is Publication.WITHDRAWN
    assert comment.withdrawn_at is not None
    assert CANARY not in client.get(PAGE.format(lang=lang)).get_data(as_text=True)


@pytest.mark.parametrize("state", ["waiting", "published", "withheld", "appealed"])
def test_the_text_is_nowhere_public_at_the_next_response(
    app: Flask,
    session: Session,
    stage: Stage,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    take: Callable[..., TestResponse],
    now: datetime,
    state: str,
) -> None:
    received = now - timedelta(days=7)
    for text in OTHERS:
        settle(screened(text, received_at=received), PUBLISHED)
    comment = screened(CANARY, received_at=received)
    if state == "published":
        settle(comment, PUBLISHED)
    if state in ("withheld", "appealed"):
        settle(comment, WITHHELD)
    if state == "appealed":
        take(comment, "second-look", step="send", note="もう一度")
    compile_week(session, stage.id, Week.of(received), compile_points, now)
    stranger = app.test_client()
    before = seen(stranger, "/ja/", "/en/")
    assert any("/reports/" in address for address in before)
    assert any(CANARY in html for html in before.values()) == (state == "published")

    take(comment, "withdraw", step="send")
    after = seen(stranger, "/ja/", "/en/", *before)

    for address, html in after.items():
        assert "カナリア" not in html, address
        assert f"comment-{comment.id}" not in html, address
    assert any(OTHERS[0] in html for html in after.values())


def test_the_next_revision_of_the_report_counts_it_as_withdrawn(
    session: Session,
    stage: Stage,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    take: Callable[..., TestResponse],
    client: FlaskClient,
    now: datetime,
) -> None:
    received = now - timedelta(days=7)
    week = Week.of(received)
    for text in OTHERS:
        settle(screened(text, received_at=received), PUBLISHED)
    comment = screened(CANARY, received_at=received)
    settle(comment, PUBLISHED)
    compile_week(session, stage.id, week, compile_points, now)
    take(comment, "withdraw", step="send")
    session.rollback()
    compile_week(session, stage.id, week, compile_points, now)

    summary = latest_summary(session, stage.id, week)
    assert summary is not None
    counts = Counts.read(summary.totals)
    assert summary.revision == 2
    assert (counts.received, counts.published, counts.withdrawn, counts.counted) == (3, 2, 1, 2)
    assert list(verify_summaries(session)) == []
    html = client.get(f"/en/stages/5th/reports/{week}").get_data(as_text=True)
    assert "withdrawn: 1" in html
    assert "Withdrawn by their authors" in html


def test_it_leaves_the_queue_and_cannot_be_decided(
    session: Session,
    screened: Callable[..., Comment],
    moderator: Staff,
    desk: FlaskClient,
    now: datetime,
) -> None:
    comment = screened(CANARY)
    withdraw(session, comment.id, version=1, now=now)

    assert queue_page(session, now).rows == ()
    with pytest.raises(WithdrawnMeanwhile):
        decide(
            session,
            comment.id,
            version=2,
            verdict=PUBLISHED,
            moderator_id=moderator.id,
            now=now,
        )
    page = desk.get(f"/en/moderation/comments/{comment.id}").get_data(as_text=True)
    assert "Nothing is left to decide" in page
    assert 'name="publication"' not in page


def test_withdrawing_and_deciding_at_once_has_one_winner(
    app: Flask, session: Session, screened: Callable[..., Comment], moderator: Staff, now: datetime
) -> None:
    moderator_id = moderator.id
    for turn in range(6):
        comment_id = screened(f"{turn}番目の意見です。").id
        session.rollback()
        told: list[str] = []
        start = threading.Barrier(2)

        def run(what: str, act: Callable[[], object], start: threading.Barrier = start) -> None:
            with app.app_context():
                start.wait()
                try:
                    act()
                    told.append(what)  # noqa: B023 -- joined before the next turn
                except (WithdrawnMeanwhile, ChangedMeanwhile) as refusal:
                    told.append(type(refusal).__name__)  # noqa: B023 -- as above

        def author(comment_id: int = comment_id) -> None:
            withdraw(db.session(), comment_id, version=1, now=now)

        def city(comment_id: int = comment_id) -> None:
            decide(
                db.session(),
                comment_id,
                version=1,
                verdict=PUBLISHED,
                moderator_id=moderator_id,
                now=now,
            )

        threads = [
            threading.Thread(target=run, args=("withdrawn", author)),
            threading.Thread(target=run, args=("decided", city)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        comment = session.get(Comment, comment_id, populate_existing=True)
        assert comment is not None

        if comment.publication is Publication.WITHDRAWN:
            assert sorted(told) == ["WithdrawnMeanwhile", "withdrawn"]
            assert decisions_of(session, comment_id) == []
        else:
            assert sorted(told) == ["ChangedMeanwhile", "decided"]
            assert comment.publication is Publication.PUBLISHED
        assert comment.version == 2


def test_an_author_who_was_later_than_the_city_is_told_and_asked_again(
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    holding: Callable[[Comment], dict[str, str]],
    client: FlaskClient,
) -> None:
    comment = screened(CANARY)
    typed = holding(comment)
    settle(comment, PUBLISHED)
    late = client.post("/en/receipts/withdraw", data={**typed, "step": "send"})
    html = late.get_data(as_text=True)
    session.refresh(comment)

    assert late.status_code == 409
    assert "It has not been withdrawn yet" in html
    assert "Published" in html
    assert 'name="version" value="2"' in html
    assert comment.publication is Publication.PUBLISHED


def test_a_moderator_who_was_later_keeps_the_note(
    session: Session, screened: Callable[..., Comment], desk: FlaskClient, now: datetime
) -> None:
    comment = screened(CANARY)
    withdraw(session, comment.id, version=1, now=now)
    late = desk.post(
        f"/en/moderation/comments/{comment.id}",
        data={
            "version": "1",
            "publication": "withheld",
            "reason": "abuse",
            "treatment": "counts",
            "note": "言葉を選んでください。",
        },
    )
    html = late.get_data(as_text=True)

    assert late.status_code == 409
    assert "The author has withdrawn this comment" in html
    assert "言葉を選んでください。" in html


def test_withdrawing_twice_is_withdrawing_once(
    session: Session,
    screened: Callable[..., Comment],
    take: Callable[..., TestResponse],
    holding: Callable[[Comment], dict[str, str]],
    client: FlaskClient,
) -> None:
    comment = screened(CANARY)
    typed = {**holding(comment), "step": "send"}
    pages = [client.post("/en/receipts/withdraw", data=typed) for _ in range(2)]
    session.refresh(comment)
    trail = session.scalars(
        select(AuditEntry).where(AuditEntry.action == "comment.withdrawn")
    ).all()

    assert [page.status_code for page in pages] == [200, 200]
    assert comment.version == 2
    assert len(trail) == 1


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("decided", [False, True])
def test_the_status_page_says_withdrawn_and_when(
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    take: Callable[..., TestResponse],
    lang: str,
    decided: bool,
) -> None:
    comment = screened(CANARY)
    if decided:
        settle(comment, WITHHELD)
    take(comment, "withdraw", lang=lang, step="send")
    html = take(comment, lang=lang).get_data(as_text=True)
    session.refresh(comment)
    assert comment.withdrawn_at is not None

    assert {"ja": "取り下げ", "en": "Withdrawn by you"}[lang] in html
    assert str((comment.withdrawn_at + timedelta(hours=9)).year) in html
    assert "/receipts/withdraw" not in html
    assert "/receipts/revise" not in html


def test_only_the_letter_that_tells_of_it_is_owed_any_more(
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    now: datetime,
) -> None:
    comment = screened(CANARY, email="a@b.jp")
    settle(comment, PUBLISHED)
    assert session.scalars(select(Delivery.kind)).all() != []
    session.refresh(comment)

    withdraw(session, comment.id, version=comment.version, now=now)

    assert session.scalars(select(Delivery.kind)).all() == [LetterKind.WITHDRAWN]


def test_no_row_is_deleted(
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    now: datetime,
) -> None:
    comment = screened(CANARY)
    settle(comment, WITHHELD)
    session.refresh(comment)
    withdraw(session, comment.id, version=comment.version, now=now)
    session.refresh(comment)

    assert comment.text == CANARY
    assert [d.publication for d in decisions_of(session, comment.id)] == [Publication.WITHHELD]


def test_the_database_itself_wants_a_time_for_what_is_withdrawn(
    session: Session, screened: Callable[..., Comment]
) -> None:
    screened(CANARY).publication = Publication.WITHDRAWN

    with pytest.raises(IntegrityError):
        session.commit()


def test_a_verdict_is_never_withdrawn() -> None:
    with pytest.raises(Exception, match="may read it"):
        Verdict(Publication.WITHDRAWN)

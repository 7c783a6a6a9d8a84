"""What mail servers really do: refuse, delay, stall, hang up; and what becomes of each letter."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests import build, parts
from webapp import mail
from webapp.letters.models import Delivery
from webapp.letters.rules import PAUSES, DeliveryState
from webapp.measures.models import Measure

BAD, GOOD = "bad@example.jp", "good@example.jp"
States = dict[str, tuple[DeliveryState, str | None]]


@pytest.fixture(autouse=True)
def letters(session: Session, measure: Measure, now: datetime) -> None:
    """Two letters owed, the one to BAD first."""
    for email in (BAD, GOOD):
        build.comment(session, measure, text="意見です。", email=email, now=now, confirmed=False)


def states(session: Session) -> list[DeliveryState]:
    """The states of the letters to BAD and to GOOD."""
    session.rollback()
    return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))


def bad(session: Session) -> Delivery:
    session.rollback()
    return session.scalars(select(Delivery).order_by(Delivery.id)).all()[0]


def test_a_permanent_refusal_is_given_up_and_holds_up_nobody(
    session: Session, post: parts.Post, send: Callable[[], int]
) -> None:
    post.refusals[BAD] = "550 no such mailbox"

    assert send() == 1
    assert states(session) == [DeliveryState.DEAD, DeliveryState.SENT]
    assert "no such mailbox" in (bad(session).last_error or "")


@pytest.mark.parametrize(
    "answer",
    [
        f"550 5.1.1 <{BAD}>: Recipient address rejected",
        f"550 5.1.1 {BAD.upper()} unknown",
        f"450 to={BAD}, come back later",
        '550 "bad"@example.jp: no such mailbox',
        f"550 see http://why.example/?id={BAD.replace('@', '%40')}",
        f"550 {'x' * 480} <{BAD}>",
    ],
)
def test_no_address_is_kept_of_what_a_server_said(
    session: Session, post: parts.Post, send: Callable[[], int], answer: str
) -> None:
    post.refusals[BAD] = answer
    send()
    kept = bad(session).last_error or ""

    assert answer[:3] in kept
    assert "bad" not in kept.lower()


def test_a_greylisted_letter_waits_and_goes_later(
    session: Session, post: parts.Post, send: Callable[[], int]
) -> None:
    post.refusals[BAD] = "450 come back later"
    first = send()
    waiting = bad(session)
    pause = waiting.due_at - waiting.owed_at
    post.refusals.clear()
    soon = send()
    session.execute(update(Delivery).values(due_at=Delivery.owed_at))
    session.commit()

    assert (first, soon) == (1, 0)
    assert PAUSES[0] <= pause < PAUSES[0] + timedelta(minutes=2)
    assert send() == 1
    assert states(session) == [DeliveryState.SENT, DeliveryState.SENT]


def test_a_server_that_is_away_costs_one_attempt_of_one_letter_in_a_round(
    app: Flask, session: Session, send: Callable[[], int]
) -> None:
    app.config["SMTP_URL"] = f"smtp://127.0.0.1:{parts.free_port()}"

    assert send() == 0
    assert states(session) == [DeliveryState.OWED, DeliveryState.OWED]
    assert list(session.scalars(select(Delivery.attempts).order_by(Delivery.id))) == [1, 0]


def test_a_server_that_does_not_let_the_house_in_makes_no_letter_dead(
    app: Flask, session: Session, post: parts.Post, send: Callable[[], int]
) -> None:
    app.config["SMTP_URL"] = post.url.replace("smtp://", "smtp://house:wrong@")

    assert send() == 0
    assert states(session) == [DeliveryState.OWED, DeliveryState.OWED]


def test_a_server_that_says_nothing_is_left_after_a_while(
    app: Flask, session: Session, send: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        app.config["SMTP_URL"] = f"smtp://127.0.0.1:{silent.getsockname()[1]}"

        assert send() == 0
    assert states(session) == [DeliveryState.OWED, DeliveryState.OWED]


@pytest.mark.parametrize("accepted", [True, False])
def test_a_line_cut_after_the_text_leaves_a_doubt_that_is_never_repeated(
    session: Session, post: parts.Post, send: Callable[[], int], accepted: bool
) -> None:
    accept = post.handle_DATA

    async def cut(server: object, client: object, envelope: object) -> str:
        if BAD in envelope.rcpt_tos:  # type: ignore[attr-defined]  # an aiosmtpd Envelope
            if accepted:
                await accept(server, client, envelope)  # type: ignore[arg-type]
            server.transport.abort()  # type: ignore[attr-defined]  # an aiosmtpd SMTP
            await asyncio.sleep(0)
            return "250 OK"
        return await accept(server, client, envelope)  # type: ignore[arg-type]

    post.handle_DATA = cut  # type: ignore[method-assign, assignment]

    assert send() == 1
    assert states(session) == [DeliveryState.UNKNOWN, DeliveryState.SENT]
    assert send() == 0
    assert len(post.to(BAD)) == int(accepted)


def test_an_answer_that_is_none_leaves_a_doubt(
    session: Session, post: parts.Post, send: Callable[[], int]
) -> None:
    accept = post.handle_DATA

    async def mumble(server: object, client: object, envelope: object) -> str:
        said = await accept(server, client, envelope)  # type: ignore[arg-type]
        return "what?" if BAD in envelope.rcpt_tos else said  # type: ignore[attr-defined]

    post.handle_DATA = mumble  # type: ignore[method-assign, assignment]

    assert send() == 1
    assert states(session) == [DeliveryState.UNKNOWN, DeliveryState.SENT]


def test_a_text_that_is_refused_after_it_was_sent_is_not_in_doubt(
    session: Session, post: parts.Post, send: Callable[[], int]
) -> None:
    accept = post.handle_DATA

    async def refuse(server: object, client: object, envelope: object) -> str:
        if BAD in envelope.rcpt_tos:  # type: ignore[attr-defined]  # an aiosmtpd Envelope
            return "554 looks like spam"
        return await accept(server, client, envelope)  # type: ignore[arg-type]

    post.handle_DATA = refuse  # type: ignore[method-assign, assignment]

    assert send() == 1
    assert states(session) == [DeliveryState.DEAD, DeliveryState.SENT]


def test_the_pauses_grow_and_end_after_about_seventy_two_hours() -> None:
    assert list(PAUSES) == sorted(PAUSES)
    assert timedelta(hours=70) < sum(PAUSES, timedelta()) < timedelta(hours=74)

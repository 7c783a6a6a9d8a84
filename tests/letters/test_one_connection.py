"""One connection carries many letters, and what happens to it happens to no letter."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import build, parts
from webapp import mail
from webapp.letters.models import Delivery
from webapp.letters.rules import DeliveryState
from webapp.measures.models import Measure

PEOPLE = [f"reader{number}@example.jp" for number in range(4)]
SENT, DEAD, UNKNOWN = DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.UNKNOWN


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One database is enough: this is about the line to the mail server."""
    path = tmp_path / "tomakoe.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(autouse=True)
def letters(session: Session, measure: Measure, now: datetime) -> None:
    for email in PEOPLE:
        build.comment(session, measure, text="意見です。", email=email, now=now, confirmed=False)


def fates(session: Session) -> list[tuple[DeliveryState, int]]:
    """State and attempts of each letter, in the order of PEOPLE."""
    session.rollback()
    rows = session.execute(select(Delivery.state, Delivery.attempts).order_by(Delivery.id))
    return [(row[0], row[1]) for row in rows]


def carried(post: parts.Post) -> list[int]:
    """How many letters each connection carried, in the order of connections."""
    return [post.lines.count(line) for line in dict.fromkeys(post.lines)]


def test_a_round_has_one_connection_and_the_next_round_another(
    session: Session, post: parts.Post, send: Callable[[], int], measure: Measure, now: datetime
) -> None:
    assert send() == 4
    assert carried(post) == [4]
    build.comment(session, measure, text="意見です。", email=PEOPLE[0], now=now, confirmed=False)

    assert send() == 1
    assert carried(post) == [4, 1]


def test_a_connection_carries_only_so_many(
    post: parts.Post, send: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "MOST_LETTERS", 3)

    assert send() == 4
    assert carried(post) == [3, 1]


@pytest.mark.parametrize("manner", ["says so", "just goes"])
@pytest.mark.parametrize("command", ["RSET", "MAIL", "RCPT"])
def test_a_server_that_hangs_up_between_letters_costs_no_letter_an_attempt(
    session: Session, post: parts.Post, send: Callable[[], int], command: str, manner: str
) -> None:
    async def hang_up(server: Any, client: Any, envelope: Any, *said: Any) -> str:
        if post.lines.count(client.peer) < 2:
            if command == "MAIL":
                envelope.mail_from = said[0]
            elif command == "RCPT":
                envelope.rcpt_tos.append(said[0])
            return "250 OK"
        if manner == "just goes":
            server.transport.abort()
        return "421 too many letters"

    setattr(post, f"handle_{command}", hang_up)

    assert send() == 4
    assert fates(session) == [(SENT, 1)] * 4
    assert carried(post) == [2, 2]


def test_a_refused_address_leaves_the_line_to_the_next_letter(
    session: Session, post: parts.Post, send: Callable[[], int]
) -> None:
    post.refusals[PEOPLE[1]] = "550 no such mailbox"

    assert send() == 3
    assert fates(session) == [(SENT, 1), (DEAD, 1), (SENT, 1), (SENT, 1)]
    assert carried(post) == [3]


def test_an_address_at_which_the_server_always_hangs_up_holds_up_nobody(
    session: Session, post: parts.Post, send: Callable[[], int]
) -> None:
    post.refusals[PEOPLE[1]] = "421 not today"

    assert send() == 3
    assert fates(session) == [(SENT, 1), (DeliveryState.OWED, 1), (SENT, 1), (SENT, 1)]


def test_a_line_cut_in_the_middle_leaves_one_letter_in_doubt(
    session: Session, post: parts.Post, send: Callable[[], int]
) -> None:
    accept = post.handle_DATA

    async def cut(server: Any, client: Any, envelope: Any) -> str:
        said = await accept(server, client, envelope)
        if PEOPLE[1] in envelope.rcpt_tos:
            server.transport.abort()
        return said

    post.handle_DATA = cut  # type: ignore[method-assign]

    assert send() == 3
    assert fates(session) == [(SENT, 1), (UNKNOWN, 1), (SENT, 1), (SENT, 1)]
    assert [len(post.to(person)) for person in PEOPLE] == [1, 1, 1, 1]
    assert carried(post) == [2, 2]

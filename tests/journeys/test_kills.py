"""Killing the worker anywhere loses nothing and doubles nothing."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests import build, parts
from webapp.accounts.models import Staff
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.letters.models import Delivery
from webapp.letters.rules import DeliveryState
from webapp.measures.models import Measure
from webapp.moderation.models import Decision, Flag, Screening
from webapp.moderation.rules import Verdict
from webapp.moderation.services import decide
from webapp.sealing import Sealer

AUTHORS = 30
LETTERS = 2 * AUTHORS
"""To each author the first letter and the decision."""
KILLS = 3
"""Of whole workers, which take seconds to start. `tests.reports` kills 100 forks of one."""


@pytest.fixture
def house_settings(app: Flask) -> dict[str, str]:
    return {
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "IDENTITY_KEYS": ",".join(app.config["IDENTITY_KEYS"]),
    }


def forget_leases(session: Session) -> None:
    """Let the leases of the dead lapse at once; in life that takes five minutes."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    session.execute(
        update(Delivery).where(Delivery.lease_ends_at.is_not(None)).values(lease_ends_at=past)
    )
    session.execute(
        update(Screening).where(Screening.lease_ends_at.is_not(None)).values(lease_ends_at=past)
    )
    session.commit()


def in_state(session: Session, *states: DeliveryState) -> int:
    session.rollback()
    return (
        session.scalar(select(func.count()).select_from(Delivery).where(Delivery.state.in_(states)))
        or 0
    )


def test_a_worker_killed_while_it_sends_doubles_no_letter_and_loses_none(
    session: Session,
    measure: Measure,
    moderator: Staff,
    app: Flask,
    house_settings: dict[str, str],
    tmp_path: Path,
    now: datetime,
) -> None:
    sealer = Sealer(app.config["IDENTITY_KEYS"])
    for number in range(AUTHORS):
        comment = build.comment(
            session,
            measure,
            text=f"{number}番目の意見です。",
            email=f"author{number}@example.jp",
            sealer=sealer,
            now=now,
        )
        session.execute(update(Comment).values(screened_at=now))
        session.commit()
        decide(
            session,
            comment.id,
            version=1,
            verdict=Verdict(Publication.PUBLISHED),
            moderator_id=moderator.id,
            now=now,
        )
    chance = random.Random(5)
    with parts.post_office() as post:
        slow = post.handle_DATA

        async def handle_slowly(*args: object) -> str:
            await asyncio.sleep(0.03)
            answer = await slow(*args)  # type: ignore[arg-type]  # passed on as they come
            await asyncio.sleep(0.03)  # accepted, but not yet said so: the dangerous moment
            return answer

        post.handle_DATA = handle_slowly  # type: ignore[method-assign]
        with parts.house(tmp_path / "house", SMTP_URL=post.url, **house_settings) as house:
            house.folder.mkdir(exist_ok=True)
            for _ in range(KILLS):
                before = len(post.letters)
                house.start("worker", "scheduler")
                parts.wait_until(
                    lambda seen=before: len(post.letters) > seen, what="the next letter"
                )
                time.sleep(chance.uniform(0, 0.4))
                house.kill("worker")
                house.kill("scheduler")
                forget_leases(session)
            house.start("worker", "scheduler")
            parts.wait_until(
                lambda: in_state(session, DeliveryState.SENT, DeliveryState.UNKNOWN) == LETTERS,
                what="an end for every letter",
            )
    received = Counter((str(letter["To"]), str(letter["Subject"])) for letter in post.letters)
    unknown = in_state(session, DeliveryState.UNKNOWN)
    certain = in_state(session, DeliveryState.SENT)

    assert max(received.values()) == 1
    assert certain + unknown == LETTERS
    assert unknown <= KILLS
    assert certain <= len(received) <= certain + unknown


def test_a_worker_killed_while_it_screens_leaves_each_comment_screened_once(
    session: Session,
    make_comment: Callable[..., Comment],
    house_settings: dict[str, str],
    tmp_path: Path,
) -> None:
    for number in range(120):
        make_comment(f"{number}丁目の歩道の除雪を早くしてほしい。電話は 090-1234-5678 です。")

    def unscreened() -> int:
        session.rollback()
        waiting = select(func.count()).select_from(Comment).where(Comment.screened_at.is_(None))
        return session.scalar(waiting) or 0

    with parts.house(tmp_path / "house", **house_settings) as house:
        house.folder.mkdir(exist_ok=True)
        for _ in range(3):
            before = unscreened()
            house.start("worker", "scheduler")
            parts.wait_until(lambda seen=before: unscreened() < seen, what="screening")
            house.kill("worker")
            house.kill("scheduler")
            forget_leases(session)
        house.start("worker", "scheduler")
        parts.wait_until(lambda: unscreened() == 0, what="the end of screening")
    phones = session.execute(
        select(Flag.comment_id, func.count()).where(Flag.rule == "phone").group_by(Flag.comment_id)
    ).all()

    assert session.scalar(select(func.count()).select_from(Decision)) == 0
    assert [count for _, count in phones] == [1] * 120

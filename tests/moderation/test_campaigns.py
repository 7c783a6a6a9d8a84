"""Comments that are alike wait in one row, whoever came first and whoever screened them."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from tests import build
from tests.moderation.conftest import findings
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.db import db
from webapp.measures.models import Stage
from webapp.moderation.models import Campaign, Decision, MeasureWording, Wording
from webapp.moderation.placing import place_comments
from webapp.receipts.rules import Revision
from webapp.receipts.services import revise, withdraw
from worker.analysis.duplicates import LED, Comparing, similarity

SNOW = "除雪の順番を町内会に知らせてください。通学路が後回しになり危険です。"
SNOW_TOO = "除雪の順番を町内会に知らせて下さい。通学路が後回しになって危険です。"
BUS = "最終のバスが早すぎて、病院の面会に間に合いません。せめて一本増やしてください。"


def folded(session: Session) -> list[list[int]]:
    """The ids of the comments that wait together."""
    session.expire_all()
    rows = session.execute(
        select(Comment.campaign_id, Comment.id)
        .where(Comment.campaign_id.is_not(None), Comment.publication == Publication.WAITING)
        .order_by(Comment.id)
    )
    found: dict[int, list[int]] = {}
    for campaign_id, comment_id in rows:
        found.setdefault(campaign_id, []).append(comment_id)
    return sorted(found.values())


def open_rows(session: Session) -> list[int]:
    return list(session.scalars(select(Campaign.oldest_id).where(Campaign.is_open)))


def test_exact_and_near_copies_wait_together_and_others_alone(
    session: Session, screened: Callable[..., Comment], fold: Callable[[], None]
) -> None:
    first, _bus, second, third = (screened(text).id for text in (SNOW, BUS, SNOW_TOO, SNOW))
    fold()

    assert folded(session) == [[first, second, third]]
    assert open_rows(session) == [first]
    assert session.scalars(
        select(MeasureWording.comments).order_by(MeasureWording.comments)
    ).all() == [1, 1, 2]


def test_the_same_text_on_another_measure_is_another_question(
    session: Session, stage: Stage, screened: Callable[..., Comment], fold: Callable[[], None]
) -> None:
    library = build.measure(session, stage, "1-2")
    here = [screened(SNOW).id for _ in range(2)]
    there = [screened(SNOW, measure=library).id for _ in range(2)]
    fold()

    assert folded(session) == [here, there]


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_arrival_changes_no_campaign(
    session: Session, screened: Callable[..., Comment], fold: Callable[[], None], seed: int
) -> None:
    base = "図書館の開館時間を夜九時まで延ばしてください。仕事の帰りに寄れず困っています。"
    texts = [base[: 38 - 3 * cut] + "お願いします" * (cut % 3) for cut in range(7)] * 2
    chance = random.Random(seed)
    chance.shuffle(texts)
    for text in texts:
        screened(text)
        if chance.random() < 0.4:
            fold()
    fold()
    leads = aliased(Wording)
    found = session.execute(
        select(Wording.fingerprint, leads.fingerprint).join(leads, leads.id == Wording.leader_id)
    )

    assert dict(iter(found)) == by_the_rule(texts)


def by_the_rule(texts: list[str]) -> dict[str, str]:
    """Each wording's leader, told from the texts alone."""
    names = {findings(text).fingerprint: text for text in texts}
    leaders: dict[str, str] = {}
    for name in sorted(names):
        leading = sorted(one for one, led_by in leaders.items() if one == led_by)
        like = (one for one in leading if similarity(names[one], names[name]) >= LED)
        leaders[name] = next(like, name)
    return leaders


def test_a_decided_comment_leaves_its_campaign_and_the_rest_wait_on(
    session: Session,
    screened: Callable[..., Comment],
    fold: Callable[[], None],
    settle: Callable[..., Decision],
) -> None:
    first, second, third = (screened(SNOW) for _ in range(3))
    fold()
    settle(first)
    fold()

    assert folded(session) == [[second.id, third.id]]
    assert open_rows(session) == [second.id]


def test_a_campaign_that_was_decided_opens_again_for_a_later_copy(
    session: Session,
    screened: Callable[..., Comment],
    fold: Callable[[], None],
    settle: Callable[..., Decision],
) -> None:
    for comment in [screened(SNOW) for _ in range(2)]:
        fold()
        settle(comment)
    fold()
    emptied = open_rows(session)
    late = screened(SNOW_TOO)
    fold()

    assert emptied == []
    assert folded(session) == [[late.id]]
    assert open_rows(session) == [late.id]


def test_what_its_author_wrote_anew_leaves_and_comes_back_as_what_it_is(
    session: Session,
    screened: Callable[..., Comment],
    screen: Callable[..., None],
    fold: Callable[[], None],
    now: datetime,
) -> None:
    one, two, three = (screened(SNOW) for _ in range(3))
    fold()
    number = session.scalar(select(Comment.fold_number).where(Comment.id == one.id)) or 0
    revise(session, one.id, Revision(BUS, "ja"), version=1, now=now)
    left = folded(session)
    screen(session.get_one(Comment, one.id, populate_existing=True))
    fold()
    revise(session, one.id, Revision(SNOW, "ja"), version=2, now=now)
    screen(session.get_one(Comment, one.id, populate_existing=True))
    fold()

    assert left == [[two.id, three.id]]
    assert folded(session) == [[one.id, two.id, three.id]]
    session.expire_all()
    assert (session.get_one(Comment, one.id).fold_number or 0) > number
    assert session.get_one(Comment, two.id).fold_number == number


def test_a_leader_that_is_gone_leaves_the_others_together(
    session: Session,
    screened: Callable[..., Comment],
    fold: Callable[[], None],
    now: datetime,
) -> None:
    texts = [SNOW, SNOW_TOO, SNOW + "お願いします。"]
    comments = [screened(text).id for text in texts]
    fold()
    leader = session.scalars(select(Wording).where(Wording.leader_id == Wording.id)).one()
    gone = leader.first_comment_id
    revise(session, gone, Revision(BUS, "ja"), version=1, now=now)
    fold()

    assert folded(session) == [[one for one in comments if one != gone]]
    assert session.scalars(select(Wording.copies)).all() == [1, 1]


def test_a_withdrawn_comment_waits_in_no_campaign(
    session: Session,
    screened: Callable[..., Comment],
    fold: Callable[[], None],
    now: datetime,
) -> None:
    first, second = (screened(SNOW) for _ in range(2))
    fold()
    withdraw(session, first.id, version=1, now=now)
    fold()

    assert folded(session) == [[second.id]]
    assert open_rows(session) == [second.id]


def test_workers_that_place_at_the_same_time_miss_no_near_copy(
    app: Flask, session: Session, screened: Callable[..., Comment]
) -> None:
    ids = [screened(f"{SNOW}{number}番").id for number in range(12)]
    session.rollback()
    start = threading.Barrier(4)
    troubles: list[Exception] = []

    def work() -> None:
        with app.app_context():
            start.wait()
            try:
                while place_comments(db.session(), Comparing(), limit=2):
                    pass
            except Exception as trouble:
                troubles.append(trouble)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert troubles == []
    assert folded(session) == [ids]

"""A flood of copies screened, folded and shown, and how well copies are told apart."""

from __future__ import annotations

import csv
import os
import random
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from unittest.mock import patch

from sqlalchemy import create_engine, func, insert, select, update
from sqlalchemy.orm import Session

from tests import build
from webapp.accounts.rules import Role
from webapp.citytime import utc_now
from webapp.comments.models import Comment, ReceiptRow
from webapp.comments.rules import Publication, Treatment
from webapp.measures.models import CommentPeriod, Measure
from webapp.moderation.membership import Membership
from webapp.moderation.models import Campaign, MeasureWording, Screening, Wording
from webapp.moderation.queries import queue_state
from webapp.moderation.queue import queue_page
from webapp.moderation.queue_rules import QueueFilter
from webapp.moderation.rules import Verdict
from webapp.moderation.together import MOST_TOGETHER, decide_together
from webapp.orm import table_of
from worker import screening
from worker.analysis.duplicates import near_copies, partial_copies
from worker.analysis.flags import screen

DATA = Path(os.environ.get("BENCH_DATA", ""))
"""The folder with the collections of real opinions, which are not part of the project."""
COMMENTS = 200_000
WORDINGS = 8_277
TEMPLATES = 60
_WORDS = [
    "除雪",
    "通学路",
    "図書館",
    "公園",
    "港",
    "空港",
    "病院",
    "バス",
    "歩道",
    "予算",
    "税金",
    "湖",
]


@dataclass(frozen=True)
class Flood:
    """What a flood cost; times in seconds, memory in MB, the queue's pages as p95 in ms."""

    comments: int
    wordings: int
    campaigns: int
    screening_rate: float
    placing_rate: float
    memory: float
    empty_p95: float
    full_p95: float
    search_p95: float
    together: int
    together_seconds: float


def texts(comments: int, wordings: int) -> Iterator[str]:
    """`comments` texts of `wordings` wordings: letters that people were given and changed a bit.

    The wordings come first, each once; of the others, every tenth is the first one unchanged.
    """
    chance = random.Random(7)
    given = [_letter(chance) for _ in range(TEMPLATES)]
    changed = []
    for number in range(wordings):
        own = "".join(chance.choices(_WORDS, k=chance.randrange(0, 4)))
        changed.append(f"{given[number % TEMPLATES]}{own}の件、{number}番です。")
    for number in range(comments):
        if number < wordings:
            yield changed[number]
        else:
            yield chance.choice(changed) if number % 10 else changed[0]


def flood(url: str, comments: int = COMMENTS, wordings: int = WORDINGS) -> Flood:
    """Fill a migrated and filled database, screen and fold with one worker, and show the queue.

    One comment of each wording is screened; the copies are written as screening would leave them.
    """
    engine = create_engine(url, connect_args=build.patience(url))
    with Session(engine) as session:
        empty = _p95(session)
        said = list(texts(comments, wordings))
        _fill(session, said[:wordings])
        began = time.perf_counter()
        with patch.object(screening, "place_all"):
            screened = screening.screen_all(session)
        middle = time.perf_counter()
        _fill_with_copies(session, said[wordings:])
        copied = time.perf_counter()
        screening.place_all(session)
        ended = time.perf_counter()
        full, search = _p95(session), _p95(session, words="一度もない")
        together, seconds = _decide_the_largest(session)
        found = Flood(
            comments=comments,
            wordings=session.scalar(select(func.count()).select_from(Wording)) or 0,
            campaigns=session.scalar(select(func.count()).select_from(Campaign)) or 0,
            screening_rate=screened / (middle - began),
            placing_rate=comments / (ended - copied),
            memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            empty_p95=empty,
            full_p95=full,
            search_p95=search,
            together=together,
            together_seconds=seconds,
        )
    engine.dispose()
    return found


def pairs_found() -> tuple[float, int, float] | None:
    """Recall of true pairs, false pairs, and the share of partial copies found; None without data.

    `ja_duplicates.csv`: real opinions on AI and copyright, github.com/nishio/pubcom-filter (MIT).
    """
    rows = _rows("ja_duplicates.csv")
    if rows is None:
        return None
    groups = defaultdict(list)
    for place, row in enumerate(rows):
        groups[row["dup_group"] or f"alone {place}"].append(place)
    true = {pair for group in groups.values() for pair in _pairs(group)}
    found = {pair for group in near_copies([row["text"] for row in rows]) for pair in _pairs(group)}
    campaign = [row["text"] for row in rows if row["campaign"]]
    whole = max(campaign, key=lambda text: len(partial_copies(text, campaign)))
    partial = len(partial_copies(whole, campaign)) / len(campaign)
    return len(true & found) / len(true), len(found - true), partial


def flagged() -> list[tuple[str, str]] | None:
    """Rule and text of all that is flagged among a hundred harmless opinions; None without data.

    `ja_environment_plan_5.csv`: opinions on Japan's 5th Basic Environment Plan,
    github.com/cm3/policy_communication_eval (MIT).
    """
    rows = _rows("ja_environment_plan_5.csv")
    if rows is None:
        return None
    column = "comment"
    return [
        (flag.rule, row[column][flag.start : flag.end] or row[column][:60])
        for row in rows
        for flag in screen(row[column], "ja").flags
    ]


def batch(sizes: tuple[int, ...] = (10_000, 100_000)) -> dict[int, float]:
    """Seconds of `near_copies` on as many templated texts, nearly all of them different."""
    taken = {}
    for size in sizes:
        some = list(texts(size, size))
        began = time.perf_counter()
        near_copies(some)
        taken[size] = time.perf_counter() - began
    return taken


def _letter(chance: random.Random) -> str:
    return "".join(f"{''.join(chance.choices(_WORDS, k=3))}をよくしてください。" for _ in range(8))


def _fill(session: Session, said: Sequence[str]) -> None:
    measures = session.scalars(select(Measure.id).limit(5)).all()
    period_id = session.scalars(select(CommentPeriod.id).limit(1)).one()
    receipts = _receipts(session, len(said))
    began = datetime.now(UTC) - timedelta(days=5)
    rows = [
        {
            "receipt_id": receipt,
            "measure_id": measures[len(text) % len(measures)],
            "period_id": period_id,
            "text": text,
            "language": "ja",
            "channel": "web",
            "received_at": began + timedelta(seconds=receipt),
            "form_key_digest": f"{receipt:064d}",
            "version": 1,
            "publication": Publication.WAITING,
            "treatment": Treatment.UNDECIDED,
        }
        for text, receipt in zip(said, receipts, strict=True)
    ]
    for start in range(0, len(rows), 5_000):
        session.execute(insert(table_of(Comment)), rows[start : start + 5_000])
        session.commit()


def _fill_with_copies(session: Session, said: Sequence[str]) -> None:
    """Comments whose texts were screened before."""
    known = select(Comment.text, Screening.wording_id).join(
        Screening, Screening.comment_id == Comment.id
    )
    wordings = dict(session.execute(known.where(Screening.wording_id.is_not(None))).all())
    last = session.scalar(select(func.max(Comment.id))) or 0
    _fill(session, said)
    copies = select(Comment.id, Comment.text).where(Comment.id > last).order_by(Comment.id)
    rows = [
        {"comment_id": id, "wording_id": wordings[text], "language": "ja", "attempts": 1}
        for id, text in session.execute(copies)
    ]
    for start in range(0, len(rows), 5_000):
        session.execute(insert(table_of(Screening)), rows[start : start + 5_000])
    session.execute(update(Comment).where(Comment.id > last).values(screened_at=datetime.now(UTC)))
    for wording_id, copied in Counter(row["wording_id"] for row in rows).items():
        more = {"copies": Wording.copies + copied}
        session.execute(update(Wording).where(Wording.id == wording_id).values(more))
    session.commit()


def _receipts(session: Session, comments: int) -> Sequence[int]:
    """Each comment is another person's."""
    begin = (session.scalar(select(func.max(ReceiptRow.id))) or 0) + 1
    rows = [
        {"id": number, "number": f"F{number:08d}", "secret_digest": f"{number:064d}"}
        for number in range(begin, begin + comments)
    ]
    for start in range(0, len(rows), 5_000):
        session.execute(insert(table_of(ReceiptRow)), rows[start : start + 5_000])
    session.commit()
    return range(begin, begin + comments)


def _decide_the_largest(session: Session) -> tuple[int, float]:
    """Publish, in one press, the campaign in which most comments wait, and how long it took."""
    most = session.execute(
        select(Comment.campaign_id, func.max(Comment.fold_number))
        .where(Comment.campaign_id.is_not(None))
        .group_by(Comment.campaign_id)
        .order_by(func.count().desc())
        .limit(1)
    ).one()
    wordings = select(MeasureWording.wording_id).where(MeasureWording.campaign_id == most[0])
    members = Membership(most[1], tuple(session.scalars(wordings)), MOST_TOGETHER)
    moderator_id = build.staff(session, Role.MODERATOR).id
    session.commit()
    began = time.perf_counter()
    done = decide_together(
        session,
        most[0],
        members=members,
        verdict=Verdict(Publication.PUBLISHED),
        moderator_id=moderator_id,
        now=utc_now(),
    )
    return done.decided, time.perf_counter() - began


def _p95(session: Session, words: str = "") -> float:
    """Milliseconds of what the queue's page asks of the database."""
    taken = []
    for _ in range(21):
        began = time.perf_counter()
        queue_page(session, utc_now(), wanted=QueueFilter(words=words))
        queue_state(session)
        taken.append((time.perf_counter() - began) * 1000)
        session.rollback()
    return quantiles(taken[1:], n=20)[18]


def _pairs(group: list[int]) -> set[tuple[int, int]]:
    return {(one, other) for one in group for other in group if one < other}


def _rows(name: str) -> list[dict[str, str]] | None:
    if not (DATA / name).exists():
        return None
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))

"""What furigana adds to a measure page, against the plain page in one run."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from itertools import repeat
from pathlib import Path
from urllib.request import urlopen

from sqlalchemy import create_engine, update
from sqlalchemy.orm import Session

from benchmarks.load import Measured, get, load
from benchmarks.serving import granian
from tests import build
from webapp.comments.models import Comment
from webapp.comments.rules import Publication, Treatment
from webapp.demonstration import PROGRAMME
from webapp.measures.forms import read_programme
from webapp.measures.queries import stage_by_slug
from webapp.measures.services import load_programme, open_period
from worker.reading import read_all

PAGE = "stages/5th/measures/1-3"
COMMENTS = 25
ROUNDS = 3
SECONDS = 4.0
PARTS = {"plain": "ja", "furigana": "ja-furigana", "easy, furigana": "ja-easy"}


def fill(url: str, folder: Path) -> None:
    """The programme as it is shipped, its readings made, and a full page of comments on 1-3."""
    build.migrate(url, folder)
    engine = create_engine(url, connect_args=build.patience(url))
    now = datetime.now(UTC)
    with Session(engine) as session:
        load_programme(session, read_programme(PROGRAMME), by="bench", now=now)
        stage = stage_by_slug(session, "5th")
        assert stage is not None
        closes_at = now + timedelta(days=30)
        open_period(
            session,
            stage,
            opens_at=now,
            closes_at=closes_at,
            why_shorter=None,
            by="bench",
            now=now,
        )
        measure = build.measure(session, stage, "1-3")
        for number in range(COMMENTS):
            text = f"{number + 1}番目の意見です。歩道の除雪を朝七時までに終えてほしい。" * 3
            build.comment(session, measure, text=text, now=now)
        done = {"publication": Publication.PUBLISHED, "treatment": Treatment.COUNTS}
        shown = {"published_text": Comment.text, "published_at": now, "screened_at": now}
        session.execute(update(Comment).values(**done, **shown))
        session.commit()
        read_all(session)
    engine.dispose()


def compare(
    settings: dict[str, str],
) -> tuple[dict[str, list[Measured]], dict[str, tuple[int, int]]]:
    """Measure the pages in turn; also returns the bytes of each, as sent and after gzip.

    The site sends its pages as they are; the proxy before it is what compresses them.
    """
    found: dict[str, list[Measured]] = {name: [] for name in PARTS}
    sizes = {}
    with granian("wsgi:app", path="/healthz", **settings) as site:
        for _ in range(ROUNDS):
            for name, part in PARTS.items():
                requests = repeat(get(f"/{part}/{PAGE}"))
                found[name].append(load(site, requests, connections=16, seconds=SECONDS))
        for name, part in PARTS.items():
            with urlopen(f"http://127.0.0.1:{site}/{part}/{PAGE}") as answer:
                page = answer.read()
                sizes[name] = (len(page), len(gzip.compress(page, 6)))
    return found, sizes

"""Having points of summaries drafted: pay, ask, note. Only what a person asked for is sent."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from webapp.citytime import utc_now
from webapp.interpreting.books import BudgetSpent, open_books
from webapp.interpreting.queries import is_paused
from webapp.interpreting.rules import Purpose
from webapp.summaries import drafting
from webapp.summaries.drafts import PROVIDER
from webapp.summaries.proposals import owed_drafts
from worker.analysis.tokens import tokens
from worker.asking import Endpoint, ProviderTrouble, TextTrouble, chat

log = logging.getLogger(__name__)
MARGIN = timedelta(seconds=60)
"""What a lease lasts beyond the longest answer."""


@dataclass(frozen=True)
class Desk:
    """How this city has points drafted, if it has. `most` are characters a month.

    A sweep begins nothing after `sweep` seconds, so that letters never wait for a machine.
    """

    endpoint: Endpoint | None
    most: int
    sweep: float


def desk_of(app: Flask) -> Desk:
    """The desk as the settings have it."""
    settings = app.config
    endpoint = Endpoint(
        settings["DRAFTING_URL"],
        settings["DRAFTING_KEY"],
        settings["DRAFTING_MODEL"],
        settings["DRAFTING_SECONDS"],
    )
    return Desk(
        endpoint if endpoint.url else None,
        settings["DRAFTING_CHARACTERS_PER_MONTH"],
        settings["SWEEP_SECONDS"],
    )


def draft_all(session: Session, desk: Desk) -> int:
    """Forget what no longer holds, then have drafted what is owed; commits around each.

    Returns how many proposals passed.
    """
    drafting.forget_outdated_drafts(session, now=utc_now())
    if desk.endpoint is None:
        return 0
    open_books(session, PROVIDER, utc_now(), Purpose.DRAFTING)
    made, ends = 0, time.monotonic() + desk.sweep
    try:
        for draft_id in session.scalars(owed_drafts(utc_now())).all():
            if time.monotonic() > ends or is_paused(session, PROVIDER, utc_now()):
                break
            session.rollback()
            made += _draft_one(session, desk, desk.endpoint, draft_id)
    except BudgetSpent:
        log.info("this month's characters for drafts are spent")
    session.rollback()
    return made


def words(text: str, language: str) -> Iterator[Sequence[str]]:
    """The content words of a text in their plain forms, each with the words inside it."""
    for token in tokens(text, language):
        if token.normal:
            yield (token.normal, *(one.normal for one in token.inner if one.normal))


def _draft_one(session: Session, desk: Desk, endpoint: Endpoint, draft_id: int) -> int:
    job = drafting.begin(
        session,
        draft_id,
        model=endpoint.model,
        most=desk.most,
        lasting=timedelta(seconds=endpoint.seconds) + MARGIN,
        now=utc_now(),
    )
    if job is None:
        return 0
    try:
        answer = chat(endpoint, job.orders, job.data)
        return int(drafting.keep(session, job, answer, words=words, now=utc_now()))
    except ProviderTrouble as trouble:
        log.warning("drafting: %s", trouble)
        drafting.fail_provider(session, job, str(trouble), asked=trouble.asked, now=utc_now())
    except TextTrouble as trouble:
        log.warning("drafting, point draft %s: %s", draft_id, trouble)
        drafting.fail(session, job, str(trouble), doubtful=trouble.doubtful, now=utc_now())
    except Exception as trouble:  # one point must not stop the others
        session.rollback()
        log.exception("drafting point draft %s failed", draft_id)
        drafting.fail(session, job, type(trouble).__name__, doubtful=False, now=utc_now())
    return 0

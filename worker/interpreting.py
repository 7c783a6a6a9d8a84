"""Having comments translated: pay, ask, note. Nothing is asked because a visitor opened a page."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from webapp.catalogues import tag
from webapp.citytime import utc_now
from webapp.interpreting import machine as machines
from webapp.interpreting.books import BudgetSpent, open_books
from webapp.interpreting.queries import is_paused, untranslated
from webapp.interpreting.rules import Job, taken_in
from webapp.interpreting.services import forget_outdated
from worker.asking import ProviderTrouble, TextTrouble
from worker.translators import Machine

log = logging.getLogger(__name__)
BATCH = 20
MARGIN = timedelta(seconds=60)
"""What a lease lasts beyond the longest answer."""


@dataclass(frozen=True)
class Desk:
    """How this city has comments translated. `most` are characters a month.

    A sweep begins nothing after `sweep` seconds, so that letters never wait for a machine.
    """

    machine: Machine | None
    languages: tuple[str, ...]
    most: int
    sweep: float


def desk_of(app: Flask) -> Desk:
    """The desk as the settings have it."""
    settings = app.config
    provider = settings["TRANSLATION_PROVIDER"]
    return Desk(
        Machine(
            settings["TRANSLATION_URL"],
            settings["TRANSLATION_KEY"],
            settings["TRANSLATION_MODEL"],
            settings["TRANSLATION_SECONDS"],
            provider,
        )
        if provider
        else None,
        tuple(dict.fromkeys(tag(code) for code in settings["LANGUAGES"])),
        settings["TRANSLATION_CHARACTERS_PER_MONTH"],
        settings["SWEEP_SECONDS"],
    )


def translate_all(session: Session, desk: Desk) -> int:
    """Forget what no longer holds, then have comments translated; commits around each."""
    forget_outdated(session)
    machine = desk.machine
    if machine is None:
        return 0
    open_books(session, machine.provider, utc_now())
    made, ends = 0, time.monotonic() + desk.sweep
    try:
        for comment_id, lang in _waiting(session, desk):
            if time.monotonic() > ends or is_paused(session, machine.provider, utc_now()):
                break
            session.rollback()
            made += _translate_one(session, desk, machine, comment_id, lang)
    except BudgetSpent:
        log.info("this month's characters are spent")
    session.rollback()
    return made


def _waiting(session: Session, desk: Desk) -> Iterator[tuple[int, str]]:
    for lang in desk.languages:
        while ids := untranslated(session, lang, utc_now(), BATCH):
            session.rollback()
            yield from ((comment_id, lang) for comment_id in ids)


def _translate_one(
    session: Session, desk: Desk, machine: Machine, comment_id: int, lang: str
) -> int:
    lasting = timedelta(seconds=machine.seconds) + MARGIN
    job = machines.begin(session, comment_id, lang, most=desk.most, lasting=lasting, now=utc_now())
    if job is None:
        return 0
    name = machine.provider
    try:
        body = _asked(machine, job)
        return int(machines.keep(session, job, body, provider=name, now=utc_now()))
    except ProviderTrouble as trouble:
        log.warning("%s: %s", name, trouble)
        machines.fail_provider(
            session, job, str(trouble), provider=name, asked=trouble.asked, now=utc_now()
        )
    except TextTrouble as trouble:
        log.warning("%s, comment %s: %s", name, comment_id, trouble)
        machines.fail(
            session, job, str(trouble), provider=name, doubtful=trouble.doubtful, now=utc_now()
        )
    except Exception as trouble:  # one comment must not stop the others
        session.rollback()
        log.exception("translating comment %s failed", comment_id)
        kind = type(trouble).__name__
        machines.fail(session, job, kind, provider=name, doubtful=False, now=utc_now())
    return 0


def _asked(machine: Machine, job: Job) -> str:
    body = taken_in(machine.translate(job.text, job.source, job.target), job.text)
    if body is None:
        raise TextTrouble("the answer is no translation")
    return body

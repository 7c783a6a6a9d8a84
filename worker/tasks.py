"""What the scheduler wakes: each task opens a session, finds what is owed and has it done."""

from __future__ import annotations

from celery import shared_task
from flask import current_app

from webapp.citytime import utc_now
from webapp.comments import addresses
from webapp.db import db
from webapp.identities import services as identities
from webapp.mail import mailer_of
from webapp.moderation import nudging
from webapp.responses import services as responses
from webapp.sealing import Sealer
from worker import (
    compiling,
    drafting,
    interpreting,
    posting,
    reading,
    screening,
    sealing,
    tallying,
    words,
)


@shared_task(name="worker.tasks.screen_comments")
def screen_comments() -> int:
    """Screen every comment that waits for it; returns how many."""
    return screening.screen_all(db.session())


@shared_task(name="worker.tasks.nudge_moderators")
def nudge_moderators() -> int:
    """Owe moderators a letter when something has waited too long; returns how many."""
    days = current_app.config["TARGET_DAYS"]
    return nudging.nudge_moderators(db.session(), target_days=days, now=utc_now())


@shared_task(name="worker.tasks.make_readings")
def make_readings() -> int:
    """Make the readings of every Japanese text that waits for them; returns how many."""
    return reading.read_all(db.session())


@shared_task(name="worker.tasks.translate_comments")
def translate_comments() -> int:
    """Have comments translated, where a machine is switched on; returns how many were."""
    return interpreting.translate_all(db.session(), interpreting.desk_of(current_app))


@shared_task(name="worker.tasks.draft_points")
def draft_points() -> int:
    """Have points of summaries drafted, where staff asked for it; returns how many passed."""
    return drafting.draft_all(db.session(), drafting.desk_of(current_app))


@shared_task(name="worker.tasks.send_letters")
def send_letters() -> int:
    """Send every letter that is due; returns how many went."""
    sealer = Sealer(current_app.config["IDENTITY_KEYS"])
    return posting.send_all(db.session(), mailer_of(current_app), sealer)


@shared_task(name="worker.tasks.purge_personal_data")
def purge_personal_data() -> int:
    """Delete names and addresses whose day has come; returns for how many periods."""
    addresses.forget_counts(db.session(), now=utc_now())
    return len(identities.purge_due(db.session(), now=utc_now()))


@shared_task(name="worker.tasks.compile_reports")
def compile_reports() -> int:
    """Compile the report of every week that is due; returns how many are new or revised."""
    return compiling.compile_due(db.session())


@shared_task(name="worker.tasks.seal_audit")
def seal_audit() -> int:
    """Link every committed audit entry to the chain; returns how many."""
    return sealing.seal_all(db.session())


@shared_task(name="worker.tasks.count_tallies")
def count_tallies() -> int:
    """Count the stages that were not counted for a while; returns how many."""
    return tallying.count_due(db.session())


@shared_task(name="worker.tasks.sweep_words")
def sweep_words() -> int:
    """Look through waiting comments after the word list changed; returns how many."""
    return words.sweep(db.session())


@shared_task(name="worker.tasks.note_answered_periods")
def note_answered_periods() -> int:
    """Say of every closed period that is answered in full that it is; returns of how many."""
    return responses.note_answered_periods(db.session(), now=utc_now())

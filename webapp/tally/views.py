"""The public tally of a stage, and the same as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flask import Blueprint, Response, abort, render_template
from flask_babel import gettext as _

from webapp.access import anyone
from webapp.citytime import TOKYO, utc_now
from webapp.csv_file import csv_response
from webapp.db import db
from webapp.measures.queries import StageOutline, all_stages
from webapp.measures.views import outline_or_404
from webapp.pages import finished, keep_until
from webapp.tally.models import StageTally
from webapp.tally.queries import tally_of
from webapp.tally.rules import COUNT_EVERY, SMALL, Tally
from webapp.tally.shown import breakdowns, duration, fates

views = Blueprint("tally", __name__)
PATIENCE = timedelta(seconds=30)
"""How long a page is kept at least, when the next count is late."""


@views.get("/tally")
@anyone
@finished
def newest() -> str:
    """The tally of the newest stage: what a page that belongs to no stage can lead to."""
    stages = all_stages(db.session())
    return _page(outline_or_404(stages[0].slug)) if stages else abort(404)


@views.get("/stages/<code:stage>/tally")
@anyone
@finished
def tally(stage: str) -> str:
    return _page(outline_or_404(stage))


@views.get("/stages/<code:stage>/tally.csv")
@anyone
def tally_as_csv(stage: str) -> Response:
    outline = outline_or_404(stage)
    counted = tally_of(db.session(), outline.id)
    if counted is None:
        abort(404)
    return csv_response(_rows(counted, outline), f"tally-{outline.slug}.csv")


def _page(outline: StageOutline) -> str:
    now = utc_now()
    counted = tally_of(db.session(), outline.id)
    following = counted.counted_at + COUNT_EVERY if counted else now
    keep_until(max(following, now + PATIENCE), now)
    numbers = Tally.read(counted.document) if counted else Tally()
    return render_template(
        "tally/tally.html",
        stage=outline,
        counted_at=counted.counted_at if counted else None,
        tally=numbers,
        fates=fates(numbers),
        breakdowns=breakdowns(numbers, outline),
        median=duration(numbers.median_seconds),
        ninetieth=duration(numbers.ninetieth_seconds),
        small=SMALL,
    )


def _rows(counted: StageTally, outline: StageOutline) -> Iterator[list[object]]:
    numbers = Tally.read(counted.document)
    yield [_("Table"), _("Code"), _("Name"), _("Number"), _("What is counted")]
    as_of = counted.counted_at.astimezone(TOKYO).isoformat(timespec="minutes")
    yield [_("As of"), "as-of", as_of, "", _("Time (Japan)")]
    yield [_("Received"), "received", "", numbers.received, _("Number of comments")]
    for table in (*fates(numbers), *breakdowns(numbers, outline)):
        for row in table.rows:
            number = _("hidden") if row.comments is None else row.comments
            yield [table.title, row.code, row.name, number, _("Number of comments")]
    for name, seconds in (
        (_("Half were decided within"), numbers.median_seconds),
        (_("Nine of ten were decided within"), numbers.ninetieth_seconds),
    ):
        yield [_("From receipt to decision"), "", name, seconds, _("Seconds")]

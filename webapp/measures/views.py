"""The pages of a stage and of a measure."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, render_template, request, url_for

from webapp.access import anyone
from webapp.catalogues import tag
from webapp.citytime import utc_now
from webapp.comments.queries import published_comments, published_count
from webapp.db import db
from webapp.edge import row_id
from webapp.i18n import chosen_language
from webapp.interpreting.queries import translations_of
from webapp.interpreting.views import for_readers
from webapp.measures.queries import Line, StageOutline, stage_by_slug, stage_outline
from webapp.moderation.listing import listed
from webapp.pages import finished, keep_until
from webapp.responses.answers import answers_on
from webapp.responses.forms import CATEGORIES
from webapp.sharing.poster import poster_of
from webapp.summaries import queries as summary_queries

views = Blueprint("measures", __name__)


def outline_or_404(slug: str) -> StageOutline:
    """The stage of this address in the reader's language; read anew when the edition turned."""
    edition = current_app.extensions["edition"].number()
    outlines = current_app.extensions.setdefault("outlines", {})
    kept_at, outline = outlines.get((slug, chosen_language()), (None, None))
    if not isinstance(outline, StageOutline) or edition is None or kept_at != edition:
        stage = stage_by_slug(db.session(), slug)
        if stage is None:
            abort(404)
        outline = stage_outline(db.session(), stage, chosen_language(), utc_now())
        outlines[slug, chosen_language()] = (edition, outline)
    return outline.at(utc_now())


@views.get("/stages/<code:stage>")
@anyone
@finished
def stage(stage: str) -> str:
    outline = outline_or_404(stage)
    keep_while_it_holds(outline)
    return render_template(
        "measures/stage.html",
        stage=outline,
        entries=outline.entries,
        shelf=summary_queries.shelf(db.session(), outline.id),
        poster=poster_of(outline),
    )


@views.get("/stages/<code:stage>/measures/<code:code>")
@anyone
@finished
def measure(stage: str, code: str) -> str:
    outline = outline_or_404(stage)
    line = outline.measure(code)
    if line is None:
        abort(404)
    keep_while_it_holds(outline)
    session = db.session()
    before = request.args.get("before", type=row_id)
    found = published_comments(session, line.id, before=before)
    path = outline.path_to(code)
    previous, following = _neighbours(outline, line)
    points = summary_queries.latest_points(session, outline.id, line.id)
    quoted = [quote.comment for point in (points.items if points else ()) for quote in point.quotes]
    ids = [*(comment.id for comment in found.items), *quoted]
    readers = for_readers(translations_of(session, ids, tag(chosen_language())))
    original = readers["original"]
    return render_template(
        "measures/measure.html",
        stage=outline,
        measure=line,
        path=path,
        pillar=path[0] if path else None,
        actions=line.children,
        phase=outline.phase,
        days_left=outline.days_left,
        closes_at=outline.closes_at,
        published={
            "items": listed(session, line.id, found, before),
            "older_url": _url(outline, line, found.older, original) if found.older else None,
            "newest_url": _url(outline, line, None, original) if before else None,
        },
        published_count=published_count(session, line.id),
        points=points,
        answers=answers_on(session, line.id, chosen_language()),
        categories=CATEGORIES,
        previous=previous,
        next=following,
        poster=poster_of(outline, line),
        choice_url=_url(outline, line, before, None if original else 1),
        **readers,
    )


def keep_while_it_holds(outline: StageOutline) -> None:
    """The page of a stage is outdated when its comment period opens or closes."""
    now = utc_now()
    turns = [t for t in (outline.opens_at, outline.closes_at) if t is not None and t > now]
    keep_until(min(turns, default=None), now)


def _url(outline: StageOutline, line: Line, before: int | None, original: int | None) -> str:
    return url_for(
        "measures.measure",
        stage=outline.slug,
        code=line.code,
        before=before,
        original=original,
        _anchor="comments",
    )


def _neighbours(outline: StageOutline, line: Line) -> tuple[Line | None, Line | None]:
    measures = outline.measures
    place = measures.index(line)
    before = measures[place - 1] if place else None
    after = measures[place + 1] if place + 1 < len(measures) else None
    return before, after

"""The pages that belong to no single measure."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response as AnyResponse

from webapp.access import anyone
from webapp.citytime import utc_now
from webapp.db import db
from webapp.i18n import chosen_language, preferred_language, remember_language
from webapp.measures.queries import all_stages, stage_outline
from webapp.measures.rules import Phase
from webapp.pages import finished, keep_until

views = Blueprint("site", __name__)
SOON = 7
"""Days before its end from which a comment period counts as closing soon."""


@views.get("/")
@anyone
@finished
def home() -> str:
    session, lang, now = db.session(), chosen_language(), utc_now()
    stages = [stage_outline(session, stage, lang, now) for stage in all_stages(session)]
    turns = [t for s in stages for t in (s.opens_at, s.closes_at) if t is not None and t > now]
    keep_until(min(turns, default=None), now)
    closing_soon = [
        stage
        for stage in stages
        if stage.phase is Phase.OPEN and stage.days_left is not None and stage.days_left <= SOON
    ]
    return render_template("site/home.html", stages=stages, closing_soon=closing_soon)


@views.get("/about")
@anyone
@finished
def about() -> str:
    return render_template("site/about.html")


@views.get("/privacy")
@anyone
@finished
def privacy() -> str:
    return render_template("site/privacy.html")


@views.get("/accessibility")
@anyone
@finished
def accessibility() -> str:
    return render_template("site/accessibility.html")


@views.post("/language")
@anyone
def choose_language() -> AnyResponse:
    """Lead to the page in the language of this address, and remember it on this device."""
    page = request.form.get("page", "").replace("\\", "/").lstrip("/")
    response = redirect(url_for("site.home") + page)
    remember_language(response)
    return response


def init_front_door(app: Flask) -> None:
    """`/` leads to the reader's language; /healthz says that the process lives."""

    @app.get("/")
    @anyone
    def front_door() -> AnyResponse:
        response = redirect(url_for("site.home", lang=preferred_language()))
        response.headers["Vary"] = "Accept-Language, Cookie"
        return response

    @app.get("/healthz")
    @anyone
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

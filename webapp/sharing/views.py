"""The pictures of a stage and of its measures, for other sites to show beside a link."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from webapp.access import anyone
from webapp.measures.views import keep_while_it_holds, outline_or_404
from webapp.pages import finished
from webapp.sharing.poster import Poster, painted, poster_of

views = Blueprint("sharing", __name__)


@views.get("/stages/<code:stage>/picture.png")
@anyone
@finished
def stage(stage: str) -> Response:
    outline = outline_or_404(stage)
    keep_while_it_holds(outline)
    return _picture(poster_of(outline))


@views.get("/stages/<code:stage>/measures/<code:code>/picture.png")
@anyone
@finished
def measure(stage: str, code: str) -> Response:
    outline = outline_or_404(stage)
    line = outline.measure(code)
    if line is None:
        abort(404)
    keep_while_it_holds(outline)
    return _picture(poster_of(outline, line))


def _picture(poster: Poster) -> Response:
    response = Response(painted(poster), mimetype="image/png")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response

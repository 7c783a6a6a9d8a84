"""The feed of a stage: Atom, as RFC 4287 has it."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, render_template

from webapp.access import anyone
from webapp.catalogues import tag
from webapp.citytime import next_midnight, utc_now
from webapp.db import db
from webapp.feed.queries import news_of
from webapp.feed.rules import Kind
from webapp.i18n import chosen_language
from webapp.interpreting.queries import translations_of
from webapp.interpreting.views import for_readers
from webapp.measures.views import keep_while_it_holds, outline_or_404
from webapp.pages import finished
from webapp.responses.forms import CATEGORIES

views = Blueprint("feed", __name__)
KIND = "application/atom+xml"
LONGEST = 1_000
"""Letters of one text; its link leads to all of it."""
_NO_XML = re.compile("[\ufffe\uffff]")
"""What XML 1.0 may not hold and `edge.clean` lets in."""


@views.get("/stages/<code:stage>/feed")
@anyone
@finished
def stage(stage: str) -> Response:
    outline, lang, now = outline_or_404(stage), chosen_language(), utc_now()
    keep_while_it_holds(outline)
    session = db.session()
    news = news_of(session, outline, lang, now)
    ids = [int(one.key) for one in news if one.kind is Kind.COMMENT]
    page = render_template(
        "feed/stage.xml",
        stage=outline,
        news=news,
        updated=max((one.updated for one in news), default=next_midnight(now) - timedelta(days=1)),
        names=f"tag:{urlsplit(current_app.config['PUBLIC_URL']).hostname},2026:{lang}/{stage}",
        site=current_app.config["PUBLIC_URL"],
        categories=CATEGORIES,
        longest=LONGEST,
        **for_readers(translations_of(session, ids, tag(lang))),
    )
    return Response(_NO_XML.sub("", page), mimetype=KIND)

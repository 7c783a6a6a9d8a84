"""The desk for translations of comments, and the page of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers.response import Response

from webapp.access import staff
from webapp.accounts.rules import Role
from webapp.catalogues import tag
from webapp.citytime import utc_now
from webapp.db import db
from webapp.edge import LARGEST_ID
from webapp.interpreting import machine, queries, services
from webapp.interpreting.forms import (
    LABELS,
    PROVIDERS,
    WANTED,
    CommentTranslationForm,
    label_of,
)
from webapp.interpreting.queries import Wanted
from webapp.interpreting.rules import MAY_INTERPRET, Shown, month_of
from webapp.moderation.forms import language_name
from webapp.translating.queries import terms_between
from webapp.translating.rules import marked, used

views = Blueprint("interpreting", __name__)
COMMENTS = "/translations/<code:target>/comments"


@views.get(COMMENTS)
@staff(*MAY_INTERPRET)
def comments(target: str) -> str:
    lang = _target(target)
    asked = request.args.get("wanted", "")
    wanted = Wanted(asked) if asked in set(Wanted) else Wanted.MISSING
    oldest = request.args.get("order") == "oldest"
    page = queries.work_in(
        db.session(), lang, wanted, beyond=_key(request.args.get("beyond")), oldest_first=oldest
    )
    return render_template(
        "interpreting/comments.html",
        target=lang,
        page=page,
        wanted=wanted,
        words=WANTED,
        oldest=oldest,
        order="oldest" if oldest else None,
        later_page="beyond" in request.args,
    )


@views.route(f"{COMMENTS}/<int(max={LARGEST_ID}):comment_id>", methods=["GET", "POST"])
@staff(*MAY_INTERPRET)
def comment(target: str, comment_id: int) -> str | Response | tuple[str, int]:
    lang = _target(target)
    work = queries.work_on_comment(db.session(), comment_id, lang)
    if work is None:
        abort(404)
    if request.method == "GET":
        return _page(lang, work, CommentTranslationForm(data=_as_it_stands(work)))
    form = CommentTranslationForm(request.form)
    if not form.validate():
        return _page(lang, work, form), 400
    services.publish_translation(
        db.session(),
        comment_id,
        form.body.data or "",
        lang=lang,
        version=form.version.data or 0,
        source=form.source.data or "",
        staff_id=current_user.staff_id,
        now=utc_now(),
    )
    return redirect(url_for("interpreting.comment", target=lang, comment_id=comment_id, done=1))


@views.get("/translations/machine")
@staff(Role.ADMINISTRATOR)
def provider() -> str:
    settings, now = current_app.config, utc_now()
    name = settings["TRANSLATION_PROVIDER"]
    found = queries.standing(db.session(), name, now)
    return render_template(
        "interpreting/machine.html",
        name=PROVIDERS.get(name, ""),
        host=urlsplit(settings["TRANSLATION_URL"]).hostname,
        model=settings["TRANSLATION_MODEL"],
        most=settings["TRANSLATION_CHARACTERS_PER_MONTH"],
        month=month_of(now),
        standing=found,
        paused=queries.is_paused(db.session(), name, now),
    )


@views.post("/translations/machine/new-attempt")
@staff(Role.ADMINISTRATOR)
def try_again() -> Response:
    name = current_app.config["TRANSLATION_PROVIDER"]
    machine.try_again(db.session(), name, staff_id=current_user.staff_id, now=utc_now())
    return redirect(url_for("interpreting.provider"))


def for_readers(translations: Mapping[int, Shown]) -> dict[str, Any]:
    """What a page that shows comments says of their translations to this reader."""
    return {
        "translations": translations,
        "translation_labels": LABELS,
        "translation_label": label_of,
        "original": 1 if request.args.get("original") == "1" else None,
    }


def for_moderators(comment_id: int) -> dict[str, Any]:
    """What the desk says of the translations of a comment."""
    return {
        "translations": queries.translations_on(db.session(), comment_id),
        "translation_labels": LABELS,
        "translation_targets": targets(),
    }


def targets() -> tuple[str, ...]:
    """The languages that comments are translated into: easy Japanese is Japanese."""
    return tuple(dict.fromkeys(tag(code) for code in current_app.config["LANGUAGES"]))


def _page(lang: str, work: queries.Work, form: CommentTranslationForm) -> str:
    pieces = marked(work.text, terms_between(db.session(), work.language, lang))
    return render_template(
        "interpreting/comment.html",
        target=lang,
        work=work,
        pieces=pieces,
        terms=used(pieces),
        form=form,
        spoken=language_name,
        translation_labels=LABELS,
        done="done" in request.args,
    )


def _as_it_stands(work: queries.Work) -> dict[str, object]:
    body = work.translation.body if work.translation else ""
    return {"version": work.version, "source": work.source, "body": body}


def _target(code: str) -> str:
    if code not in targets():
        abort(404)
    return code


def _key(value: str | None) -> int | None:
    is_key = value is not None and value.isascii() and value.isdigit() and len(value) < 10
    return int(value) if is_key and value else None

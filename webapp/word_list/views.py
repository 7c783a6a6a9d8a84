"""The page of the word list, for administrators."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers.response import Response

from webapp.access import staff
from webapp.accounts.rules import Role
from webapp.citytime import utc_now
from webapp.db import db
from webapp.word_list import queries, services
from webapp.word_list.forms import STATES, ChangeForm, WordForm
from webapp.word_list.rules import AlreadyListed, WordState

views = Blueprint("word_list", __name__)


@views.get("/word-list")
@staff(Role.ADMINISTRATOR)
def words() -> str:
    return _page(WordForm())


@views.post("/word-list")
@staff(Role.ADMINISTRATOR)
def add() -> Response | tuple[str, int]:
    form = WordForm(request.form)
    if not form.validate():
        return _page(form), 400
    words, reason = form.words.data or "", form.reason.data or ""
    who = current_user.staff_id
    try:
        services.list_word(db.session(), words, reason=reason, staff_id=who, now=utc_now())
    except AlreadyListed as refusal:
        form.form_errors.append(_(refusal.explanation, **refusal.facts))
        return _page(form), 409
    return redirect(url_for("word_list.words"))


@views.post("/word-list/changes")
@staff(Role.ADMINISTRATOR)
def change() -> Response | tuple[str, int]:
    form = ChangeForm(request.form)
    if not form.validate():
        return _page(WordForm(), form), 400
    services.change_word(
        db.session(),
        form.word_id.data or 0,
        before=WordState(form.before.data),
        state=WordState(form.state.data),
        reason=form.reason.data or "",
        staff_id=current_user.staff_id,
        now=utc_now(),
    )
    return redirect(url_for("word_list.words"))


def _page(form: WordForm, changed: ChangeForm | None = None) -> str:
    session = db.session()
    return render_template(
        "word_list/words.html",
        form=form,
        changed=changed,
        words=queries.listed_words(session),
        list=queries.current_list(session),
        states=STATES,
    )

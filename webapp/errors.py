"""A domain error, or the house's own failure, and the page it becomes. What was typed is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, current_app, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from webapp.db import db
from webapp.i18n import city_datetime
from webapp.refusal import N_, Refusal

TYPED_FIELDS = ("text", "note", "body")
"""Fields that hold a person's own sentences; `body_ja` is one of `body`."""

HTTP_PROBLEMS = {
    400: (N_("That did not work"), N_("The request was not understood. Please try again.")),
    403: (
        N_("You may not open this page"),
        N_("Your account has no permission for this, or the form came from another site."),
    ),
    404: (
        N_("Page not found"),
        N_("The address may be mistyped, or the page may have moved."),
    ),
    405: (N_("That did not work"), N_("This page cannot be used that way.")),
    413: (
        N_("That was too long"),
        N_("What you sent is too large. Please shorten it: go back in your browser to find it."),
    ),
    429: (
        N_("Please wait a moment"),
        N_("Very many requests came from your network. Please try again in a few minutes."),
    ),
    500: (
        N_("Something went wrong here"),
        N_("The fault is ours and has been noted. Please try again in a few minutes."),
    ),
}


@dataclass(frozen=True)
class Problem:
    """What an error page says. `kept_text` gives the visitor's words back."""

    title: str
    explanation: str
    kept_text: str
    next_url: str
    next_label: str


def init_errors(app: Flask) -> None:
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, http_problem)
    app.register_error_handler(Exception, _own_fault)


def problem_page(
    title: str, explanation: str, status: int, next_url: str = "", next_label: str = ""
) -> tuple[str, int]:
    """The page for a problem, in the reader's language, with what the reader had typed.

    From there it leads to the home page, or where the caller says.
    """
    problem = Problem(
        title=title,
        explanation=explanation,
        kept_text=typed_text(),
        next_url=next_url or url_for("site.home"),
        next_label=next_label or _("To the home page"),
    )
    return render_template("errors/problem.html", problem=problem), status


def typed_text() -> str:
    """The words that came with this request, whichever form they came from."""
    try:
        typed = [
            words
            for name, words in request.form.items()
            if words and name.partition("_")[0] in TYPED_FIELDS
        ]
    except HTTPException:  # the form itself was too large to read
        return ""
    return "\n\n".join(typed)


def refused(refusal: Refusal, next_url: str = "", next_label: str = "") -> tuple[str, int]:
    """The page for what the house refuses, and why."""
    db.session.rollback()
    explanation = _(refusal.explanation, **_in_words(refusal.facts))
    return problem_page(_(refusal.title), explanation, refusal.status, next_url, next_label)


def _in_words(facts: Mapping[str, object]) -> dict[str, object]:
    return {
        name: city_datetime(fact) if isinstance(fact, datetime) else fact
        for name, fact in facts.items()
    }


def http_problem(error: HTTPException) -> Any:
    """The page for what HTTP calls an error; a redirect stays what it is."""
    if error.code is None or error.code < 400:
        return error
    title, explanation = HTTP_PROBLEMS.get(error.code, HTTP_PROBLEMS[400])
    page, status = problem_page(_(title), _(explanation), error.code)
    response = current_app.make_response((page, status))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _own_fault(_error: Exception) -> tuple[str, int]:
    current_app.logger.exception("request failed: %s %s", request.method, request.endpoint)
    db.session.rollback()
    title, explanation = HTTP_PROBLEMS[500]
    return problem_page(_(title), _(explanation), 500)

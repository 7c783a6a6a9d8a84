"""Who may do what: one declaration per view, one guard, and no view without one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import (
    Flask,
    abort,
    current_app,
    has_request_context,
    redirect,
    request,
    url_for,
)
from flask_login import current_user
from werkzeug.wrappers.response import Response

from webapp.accounts.rules import Role

View = TypeVar("View", bound=Callable[..., Any])
ANYONE: frozenset[Role] = frozenset()
EVERY_STAFF = frozenset(Role)


class UndeclaredView(RuntimeError):
    """A view does not say who may open it, so the site does not start."""


def anyone(view: View) -> View:
    """Open to people without an account. Such a view never looks at who is signed in."""
    view.open_to = ANYONE  # type: ignore[attr-defined]
    return view


def staff(*roles: Role) -> Callable[[View], View]:
    """Open to staff in one of these roles; without any named, to all staff."""

    def declare(view: View) -> View:
        view.open_to = frozenset(roles) or EVERY_STAFF  # type: ignore[attr-defined]
        return view

    return declare


def roles_of(view: Callable[..., Any]) -> frozenset[Role] | None:
    """Who may open this view; empty for anyone, None when it does not say."""
    return getattr(view, "open_to", None)


def guard(app: Flask) -> None:
    """Refuse what is not declared: now for the app, later for each request.

    Raises UndeclaredView when a view of the app does not say who may open it.
    """
    for endpoint, view in app.view_functions.items():
        if endpoint != "static" and roles_of(view) is None:
            raise UndeclaredView(endpoint)
    app.before_request(_refuse_foreign_posts)
    app.before_request(_let_in)


def _let_in() -> Response | None:
    if request.endpoint is None or request.endpoint == "static":
        return None
    roles = roles_of(current_app.view_functions[request.endpoint])
    if not roles:
        return None
    if not current_user.is_authenticated:
        if request.method == "GET":
            return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
        return redirect(url_for("accounts.sign_in"))
    if current_user.role not in roles:
        abort(403)
    return None


def _refuse_foreign_posts() -> None:
    """No other site may send a form in a visitor's name (docs/decisions/0003).

    Every current browser says where a request comes from; one that says nothing is no browser and
    carries no visitor's cookies.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            abort(403)
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin.split("://", 1)[-1] != request.host:
        abort(403)


def is_staff_page() -> bool:
    """Whether this request's view is for staff. Other pages never look at who is signed in."""
    if not has_request_context() or request.endpoint not in current_app.view_functions:
        return False
    return bool(roles_of(current_app.view_functions[request.endpoint]))

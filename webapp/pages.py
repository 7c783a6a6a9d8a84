"""Finished pages: kept as bytes, and served again until something anyone can see has changed.

Every change of what is visible turns the edition in its own transaction (`measures.services`).
A page is kept with the edition that was read before it was made, so a page made while a change
was under way can only be thrown away too early, never kept too long.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from flask import make_response, request
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.exc import SQLAlchemyError

from webapp.citytime import next_midnight, utc_now

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

View = TypeVar("View", bound=Callable[..., Any])
KEEP_UNTIL = "tomakoe.keep_until"
MOST_PAGES = 2_000


@dataclass(frozen=True)
class Kept:
    """A finished page. `etag` names its bytes, `until` is when the clock alone outdates it."""

    edition: int
    until: datetime
    etag: str
    headers: list[tuple[str, str]]
    body: bytes


def finished(view: View) -> View:
    """Mark a view whose page depends on its address, the edition and the day, and nothing else.

    The view may say earlier than midnight when its page ends, with `keep_until`.
    """

    @wraps(view)
    def keeping(*args: Any, **kwargs: Any) -> Any:
        response = make_response(view(*args, **kwargs))
        response.headers["Cache-Control"] = "no-cache"
        request.environ.setdefault(KEEP_UNTIL, next_midnight(utc_now()))
        return response

    return keeping  # type: ignore[return-value]  # it has the view's own signature


def keep_until(instant: datetime | None, now: datetime) -> None:
    """This page is outdated at `instant` at the latest, and at the city's midnight anyway."""
    midnight = next_midnight(now)
    soon = instant is not None and now < instant < midnight
    request.environ[KEEP_UNTIL] = instant if soon else midnight


class EditionReader:
    """Reads the edition's number over one plain connection per thread, as cheaply as it can be."""

    def __init__(self, engine: Engine) -> None:
        self._engine = create_engine(engine.url, poolclass=NullPool)
        dbapi: Any = self._engine.dialect.loaded_dbapi
        self._troubles = (SQLAlchemyError, dbapi.Error)
        self._local = threading.local()
        self._opened: list[Any] = []

    def close(self) -> None:
        """Close the connections of all threads; a later reading opens its own again."""
        self._local = threading.local()
        while self._opened:
            self._opened.pop().close()

    def number(self) -> int | None:
        """The number now, or None when the database does not answer: then nothing is reused."""
        try:
            with closing(self._connection().cursor()) as cursor:
                cursor.execute("SELECT number FROM edition")
                row = cursor.fetchone()
        except self._troubles:
            self._local.connection = None
            return None
        return int(row[0]) if row else None

    def _connection(self) -> Any:
        known = getattr(self._local, "connection", None)
        if known is None:
            raw = self._engine.raw_connection()
            connection: Any = raw.driver_connection
            raw.detach()  # from here on it is ours to close
            if self._engine.dialect.name == "sqlite":
                connection.isolation_level = None
            else:
                connection.autocommit = True
            self._opened.append(connection)
            self._local.connection = known = connection
        return known


class FinishedPages:
    """Stands before the site and answers what is finished; everything else goes in."""

    def __init__(self, site: WSGIApplication, edition: Callable[[], int | None]) -> None:
        self._site = site
        self._edition = edition
        self._pages: OrderedDict[tuple[str, str], Kept] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET":
            return self._site(environ, start_response)
        key = (environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        kept = self._pages.get(key)
        if kept is None:
            return self._make(key, environ, start_response)
        edition = self._edition()
        if edition != kept.edition or utc_now() >= kept.until:
            return self._make(key, environ, start_response)
        return _answer(kept, environ, start_response)

    def _make(
        self, key: tuple[str, str], environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        edition = self._edition()
        started: list[Any] = []

        def listen(status: str, headers: list[tuple[str, str]], *_rest: Any) -> Any:
            started[:] = [status, headers]
            return _no_write

        answer = self._site(environ, listen)
        status, headers = started
        is_personal = any(name.lower() == "set-cookie" for name, _ in headers)
        is_finished = KEEP_UNTIL in environ and status.startswith("200") and not is_personal
        if edition is None or not is_finished:
            start_response(status, headers)
            return answer
        body = b"".join(answer)
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        kept = Kept(edition, environ[KEEP_UNTIL], etag, [*headers, ("ETag", etag)], body)
        with self._lock:
            self._pages[key] = kept
            self._pages.move_to_end(key)
            while len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)
        return _answer(kept, environ, start_response)


def _answer(kept: Kept, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    if kept.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        unsent = ("content-length", "content-type")
        start_response("304 Not Modified", [h for h in kept.headers if h[0].lower() not in unsent])
        return [b""]
    start_response("200 OK", kept.headers)
    return [kept.body]


def _no_write(_data: bytes) -> None:
    raise RuntimeError("a finished page is returned, not written")

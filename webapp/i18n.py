"""Which language this visitor reads, and the same page in the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel import Locale
from flask import Flask, current_app, g, has_app_context, request, url_for
from flask_babel import Babel, format_date, format_datetime, get_locale
from werkzeug.routing import BaseConverter

from webapp.citytime import last_day

babel = Babel()


@dataclass(frozen=True)
class Language:
    """One entry of the language switch: this same page in `code`."""

    code: str
    name: str
    url: str
    absolute_url: str
    current: bool


class CodeConverter(BaseConverter):
    """The code of a stage, pillar, measure or action, like 1-3."""

    regex = r"[0-9a-z]+(?:-[0-9a-z]+)*"


class WeekConverter(BaseConverter):
    """An ISO week, like 2026-W47."""

    regex = r"\d{4}-W\d{2}"


class LetterConverter(BaseConverter):
    """The key of a kept letter, as a Maildir names it."""

    regex = r"[0-9A-Za-z._-]+"


class TokenConverter(BaseConverter):
    """A signed token of a link in a letter."""

    regex = r"[0-9A-Za-z._-]+"


def init_i18n(app: Flask) -> None:
    """Languages live in the first part of every address; cookies only decide what `/` leads to."""

    class LanguageConverter(BaseConverter):
        regex = "|".join(app.config["LANGUAGES"])

    app.url_map.converters |= {
        "lang": LanguageConverter,
        "code": CodeConverter,
        "week": WeekConverter,
        "letter": LetterConverter,
        "token": TokenConverter,
    }
    babel.init_app(app, locale_selector=chosen_language)
    app.url_value_preprocessor(_take_language)
    app.url_defaults(_add_language)
    app.context_processor(_language_context)
    app.jinja_env.filters["city_date"] = city_date
    app.jinja_env.filters["city_clock"] = city_clock
    app.jinja_env.filters["city_datetime"] = city_datetime
    app.jinja_env.filters["last_day"] = last_day


def chosen_language() -> str:
    """The language of this request; outside one, the city's own."""
    default: str = current_app.config["BABEL_DEFAULT_LOCALE"] if has_app_context() else "ja"
    return str(g.get("lang", default)) if has_app_context() else default


def preferred_language() -> str:
    """What `/` should lead to: the browser's wish, else the city's own language."""
    known: tuple[str, ...] = current_app.config["LANGUAGES"]
    return request.accept_languages.best_match(known) or known[0]


def city_date(day: date | datetime) -> str:
    """A date in the reader's language, in Japan's time."""
    return str(format_date(day, "full" if get_locale().language == "ja" else "long"))


def city_datetime(instant: datetime) -> str:
    """A date and time of day in the reader's language, in Japan's time."""
    pattern = "y年M月d日(EEE) H:mm" if get_locale().language == "ja" else "d MMMM y, HH:mm"
    return str(format_datetime(instant, pattern))


def city_clock(instant: datetime) -> str:
    """The next full minute in Japan's time, like 14:32: from then on it is past `instant`."""
    return str(format_datetime(instant + timedelta(minutes=1), "H:mm"))


def _take_language(_endpoint: str | None, values: dict[str, object] | None) -> None:
    asked = (values or {}).pop("lang", None)
    first_part = request.path.split("/", 2)[1]
    if asked is None and first_part in current_app.config["LANGUAGES"]:
        asked = first_part  # an address that matches no page still says its language
    g.lang = asked or preferred_language()


def _add_language(endpoint: str, values: dict[str, object]) -> None:
    if current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
        values.setdefault("lang", chosen_language())


def _language_context() -> dict[str, object]:
    if not has_app_context() or "lang" not in g:
        return {}
    return {"lang": g.lang, "languages": [_language(c) for c in current_app.config["LANGUAGES"]]}


def _language(code: str) -> Language:
    path = _same_page_in(code)
    return Language(
        code=code,
        name=(Locale.parse(code, sep="-").get_display_name(code) or code).capitalize(),
        url=path,
        absolute_url=current_app.config["PUBLIC_URL"] + path,
        current=code == g.lang,
    )


def _same_page_in(code: str) -> str:
    if request.endpoint is None or not current_app.url_map.is_endpoint_expecting(
        request.endpoint, "lang"
    ):
        return url_for("site.home", lang=code)
    values = {**request.args.to_dict(), **(request.view_args or {}), "lang": code}
    return url_for(request.endpoint, **values)

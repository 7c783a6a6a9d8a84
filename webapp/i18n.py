"""Which language this visitor reads, and the same page in another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from flask import Flask, current_app, g, has_app_context, request, url_for
from flask_babel import format_date, format_datetime, get_locale
from werkzeug.routing import BaseConverter
from werkzeug.wrappers.response import Response

from config import FURIGANA
from webapp.catalogues import HouseBabel, has_furigana, locale_of, read_words, tag, with_country
from webapp.citytime import last_day
from webapp.furigana import marked_date

babel = HouseBabel()
REMEMBERED = "language"
YEAR = timedelta(days=365)
PLAIN = "plain"
NAMES = {"ja-easy": "やさしい日本語"}
"""What Babel does not know: it calls every way to write Japanese 日本語."""


@dataclass(frozen=True)
class Language:
    """One entry of the language switch: this same page in `code`.

    `part` is the first part of its address. `choose_url` remembers the choice and leads to the
    page; `tag` is the language as HTML has it, `country` as Open Graph does.
    """

    code: str
    part: str
    name: str
    tag: str
    hreflang: str
    country: str
    url: str
    absolute_url: str
    choose_url: str
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
    """Languages live in the first part of every address, furigana too: ja, ja-furigana, ja-easy.

    So a page depends on nothing but its address. The cookie only decides what `/` leads to.
    """
    parts = [part for code in app.config["LANGUAGES"] for part in _parts(code)]

    class LanguageConverter(BaseConverter):
        regex = "|".join(sorted(parts, key=len, reverse=True))

    app.url_map.converters |= {
        "lang": LanguageConverter,
        "code": CodeConverter,
        "week": WeekConverter,
        "letter": LetterConverter,
        "token": TokenConverter,
    }
    app.extensions["address_parts"] = frozenset(parts)
    babel.init_app(app, locale_selector=lambda: str(locale_of(chosen_language())))
    app.url_value_preprocessor(_take_language)
    app.url_defaults(_add_language)
    app.context_processor(_language_context)
    app.after_request(_remember_switch)
    app.jinja_env.filters["city_date"] = _read_out(city_date)
    app.jinja_env.filters["city_clock"] = city_clock
    app.jinja_env.filters["city_datetime"] = _read_out(city_datetime)
    app.jinja_env.filters["last_day"] = last_day
    app.jinja_env.filters["tag"] = tag
    app.jinja_env.filters["read"] = read
    app.jinja_env.globals["gap"] = gap


def chosen_language() -> str:
    """The language of this request; outside one, the city's own."""
    default: str = current_app.config["BABEL_DEFAULT_LOCALE"] if has_app_context() else "ja"
    return str(g.get("lang", default)) if has_app_context() else default


def preferred_language() -> str:
    """Where `/` should lead: what was chosen before, the browser's wish, the city's language."""
    known: tuple[str, ...] = current_app.config["LANGUAGES"]
    chosen = request.cookies.get(REMEMBERED, "")
    if chosen in current_app.extensions["address_parts"]:
        return chosen
    return request.accept_languages.best_match(known) or known[0]


def remember_language(response: Response) -> None:
    """Let `/` lead to the language of this address from now on, on this device."""
    response.set_cookie(
        REMEMBERED,
        address_part(g.lang, furigana=g.furigana),
        max_age=YEAR,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def written_languages(first: Iterable[str] = ()) -> list[str]:
    """The languages people may say they wrote in, those of `first` before the others."""
    return list(dict.fromkeys(tag(c) for c in (*first, *current_app.config["LANGUAGES"])))


def address_part(code: str, *, furigana: bool) -> str:
    """The first part of an address: the language, and furigana where that is not its habit."""
    if tag(code) != "ja" or furigana == is_easy(code):
        return code
    return f"{code}-{FURIGANA if furigana else PLAIN}"


def is_easy(code: str) -> bool:
    """Whether this is a language in simple words; then its kanji have readings unasked."""
    return locale_of(code).modifier is not None


def city_date(day: date | datetime) -> str:
    """A date in the reader's language, in Japan's time."""
    return str(format_date(day, "full" if get_locale().language == "ja" else "d MMMM y"))


def city_datetime(instant: datetime) -> str:
    """A date and time of day in the reader's language, in Japan's time."""
    pattern = "y年M月d日(EEE) H:mm" if get_locale().language == "ja" else "d MMMM y, HH:mm"
    return str(format_datetime(instant, pattern))


def city_clock(instant: datetime) -> str:
    """The next full minute in Japan's time, like 14:32: from then on it is past `instant`."""
    return str(format_datetime(instant + timedelta(minutes=1), "H:mm"))


def read(words: object) -> str:
    """Words of the interface that Python chose, with readings where a sentence takes them in."""
    return read_words().get(str(words), str(words))


def gap() -> str:
    """What stands between two sentences of a paragraph: in Japanese, nothing."""
    return "" if get_locale().language == "ja" else " "


def _read_out(say: Callable[..., str]) -> Callable[..., str]:
    """The same date for a template, with readings where the page has them."""
    return lambda moment: marked_date(say(moment)) if has_furigana() else say(moment)


def _parts(code: str) -> set[str]:
    return {address_part(code, furigana=furigana) for furigana in (False, True)}


def _take_language(_endpoint: str | None, values: dict[str, object] | None) -> None:
    asked = (values or {}).pop("lang", None)
    first_part = request.path.split("/", 2)[1]
    if asked is None and first_part in current_app.extensions["address_parts"]:
        asked = first_part  # an address that matches no page still says its language
    part = str(asked or preferred_language())
    g.lang = next(code for code in current_app.config["LANGUAGES"] if part in _parts(code))
    g.furigana = tag(g.lang) == "ja" and (part != g.lang) != is_easy(g.lang)


def _add_language(endpoint: str, values: dict[str, object]) -> None:
    if current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
        lang = chosen_language()
        part = address_part(lang, furigana=g.furigana) if "furigana" in g else lang
        values.setdefault("lang", part)


def _language_context() -> dict[str, object]:
    if not has_app_context() or "furigana" not in g or "lang" not in g:
        return {}
    kept = g.furigana if tag(g.lang) == "ja" else False
    return {
        "lang": g.lang,
        "languages": [_language(c, furigana=is_easy(c)) for c in current_app.config["LANGUAGES"]],
        "furigana": kept,
        "furigana_switch": _language(g.lang, furigana=not kept) if tag(g.lang) == "ja" else None,
        "this_page": _same_page_in("").lstrip("/"),
    }


def _language(code: str, *, furigana: bool) -> Language:
    part = address_part(code, furigana=furigana)
    path = _same_page_in(part)
    html_tag = tag(code)
    own_name = locale_of(code).get_display_name(locale_of(code)) or code
    return Language(
        code=code,
        part=part,
        name=NAMES.get(code) or own_name.capitalize(),
        tag=html_tag,
        hreflang=code if html_tag == code else f"{html_tag}-x-{code.removeprefix(html_tag + '-')}",
        country=with_country(code),
        url=path,
        absolute_url=current_app.config["PUBLIC_URL"] + path,
        choose_url=url_for("site.choose_language", lang=part),
        current=code == g.lang,
    )


def _same_page_in(part: str) -> str:
    """The path and query of this page; without a part, what follows the part."""
    lang = part or current_app.config["LANGUAGES"][0]
    if request.endpoint is None or not current_app.url_map.is_endpoint_expecting(
        request.endpoint, "lang"
    ):
        path = url_for("site.home", lang=lang)
    else:
        path = url_for(request.endpoint, **{**(request.view_args or {}), "lang": lang})
        # Added here, not handed to url_for, to which some names are words of its own.
        asked = urlencode(list(request.args.items(multi=True)))
        path += f"?{asked}" if asked else ""
    return path if part else path.removeprefix(f"/{lang}")


def _remember_switch(response: Response) -> Response:
    """A form that was switched to another language unsent: templates/parts/languages.html."""
    if request.method == "POST" and response.status_code == 200 and "switch" in request.form:
        remember_language(response)
    return response

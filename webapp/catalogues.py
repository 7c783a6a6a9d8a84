"""The catalogue of a reader: a language's own, over the one of the language it simplifies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from babel import Locale
from babel.support import NullTranslations, Translations
from flask import g, has_app_context
from flask_babel import Babel, Domain, get_babel, get_locale

from config import FURIGANA


@cache
def locale_of(code: str) -> Locale:
    """The locale of a language code of an address. Raises UnknownLocaleError and ValueError.

    What Babel does not know as a script or a country, such as "easy" in ja-easy, is a modifier:
    the same language written otherwise.
    """
    language, _, rest = code.partition("-")
    known = Locale.parse(code, sep="-")
    if rest and not (known.script or known.territory or known.variant):
        return Locale(language, modifier=rest)
    return known


def tag(code: str) -> str:
    """The language tag of a code, as HTML has it: easy Japanese is Japanese."""
    locale = locale_of(code)
    return locale.language if locale.modifier else code


class LayeredDomain(Domain):
    """Loads ja, then ja@easy over it, then ja@easy-furigana: what one lacks, the one below says."""

    def get_translations(self) -> Translations | NullTranslations:
        locale = get_locale()
        return NullTranslations() if locale is None else self.of(str(locale))

    def of(self, name: str) -> Translations:
        """The catalogue of this name with all that lie below it."""
        folders = tuple(self.translation_directories)
        known: Translations | None = self.cache.get((folders, name))
        if known is None:
            known = self.cache[folders, name] = self._load(folders, name)
        return known

    def _load(self, folders: tuple[str, ...], name: str) -> Translations:
        made = Translations()
        for folder in folders:
            for layer in _layers(name):
                path = Path(folder, layer, "LC_MESSAGES", f"{self.domain[0]}.mo")
                if path.exists():
                    with path.open("rb") as file:
                        catalogue = Translations(file, self.domain[0])
                    made.merge(catalogue)
                    made.plural = catalogue.plural  # merge leaves it out
        return made


def _layers(name: str) -> list[str]:
    """ja@easy-furigana stands on ja@easy, and that on ja."""
    base, _, modifier = name.partition("@")
    parts = modifier.split("-") if modifier else []
    return [base, *(f"{base}@{'-'.join(parts[: end + 1])}" for end in range(len(parts)))]


class HouseBabel(Babel):
    """Flask-Babel with catalogues in layers, and in templates with readings where wanted."""

    @cached_property
    def domain_instance(self) -> LayeredDomain:
        return LayeredDomain(domain=self.domain)

    def init_app(self, app: Any, *args: Any, **kwargs: Any) -> None:
        super().init_app(app, *args, **kwargs)
        app.jinja_env.install_gettext_callables(
            gettext=lambda s: _in_templates().ugettext(s),
            ngettext=lambda s, p, n: _in_templates().ungettext(s, p, n),
            newstyle=True,
        )


def has_furigana() -> bool:
    """Whether what is being written now gets readings over its kanji."""
    return has_app_context() and bool(g.get("furigana", False))


@contextmanager
def furigana(wanted: bool) -> Iterator[None]:
    """Write what is written here with readings over its kanji, or without."""
    before, g.furigana = has_furigana(), wanted
    try:
        yield
    finally:
        g.furigana = before


def _in_templates() -> Any:
    """Readings come from catalogues made beforehand, and only into pages: a form's messages, a
    file to download or a stored text must not hold their marks."""
    domain: LayeredDomain = get_babel().instance.domain_instance
    locale = get_locale()
    if locale is None or not has_furigana():
        return domain.get_translations()
    name = str(locale)
    return domain.of(f"{name}-{FURIGANA}" if "@" in name else f"{name}@{FURIGANA}")

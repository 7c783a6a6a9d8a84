"""The catalogue of a reader: a language's own, over the one of the language it simplifies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.support import NullTranslations, Translations
from flask import g, has_app_context
from flask_babel import Babel, Domain, get_babel, get_locale

from config import FURIGANA
from webapp.furigana import WORD, bare


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


@cache
def with_country(code: str) -> str:
    """The language with the country where most speak it, as Open Graph writes it: ja_JP."""
    language = locale_of(code).language
    likely = str(get_global("likely_subtags").get(language, language))
    return f"{language}_{likely.rsplit('_', 1)[-1]}"


class HouseTranslations(Translations):
    """A catalogue that also knows each of its words with readings by the words alone."""

    @cached_property
    def read_words(self) -> Mapping[str, str]:
        said = (words for words in self._catalog.values() if WORD in words)
        return {bare(words): words for words in said}


class LayeredDomain(Domain):
    """Loads ja, then ja@easy over it, then ja@easy-furigana: what one lacks, the one below says."""

    def get_translations(self) -> Translations | NullTranslations:
        locale = get_locale()
        return NullTranslations() if locale is None else self.of(str(locale))

    def of(self, name: str) -> HouseTranslations:
        """The catalogue of this name with all that lie below it."""
        folders = tuple(self.translation_directories)
        known: HouseTranslations | None = self.cache.get((folders, name))
        if known is None:
            known = self.cache[folders, name] = self._load(folders, name)
        return known

    def _load(self, folders: tuple[str, ...], name: str) -> HouseTranslations:
        made = HouseTranslations()
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


def read_words() -> Mapping[str, str]:
    """The marked form of whatever the interface says, for words that no template has said.

    Python code puts words into pages too, such as the rows of a table, and never sees a mark.
    """
    domain: LayeredDomain = get_babel().instance.domain_instance
    name = _read_name()
    return domain.of(name).read_words if name else {}


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
    name = _read_name()
    return domain.of(name) if name else domain.get_translations()


def _read_name() -> str | None:
    """The name of the catalogue with readings; None where there is nothing to read."""
    locale = get_locale()
    if locale is None or not has_furigana():
        return None
    name = str(locale)
    return f"{name}-{FURIGANA}" if "@" in name else f"{name}@{FURIGANA}"

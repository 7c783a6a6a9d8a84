"""Every catalogue says everything, and templates write nothing unescaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from webapp.interpreting.forms import LABELS
from webapp.moderation.forms import PUBLICATIONS, REASONS, TREATMENTS
from webapp.responses.forms import CATEGORIES

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "webapp" / "templates").rglob("*.*"))
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "_l": None,
    "lazy_gettext": None,
    "N_": None,
}
CATALOGUES = sorted(path.parents[1].name for path in ROOT.glob("translations/*/*/messages.po"))
EASY = "ja@easy"
PUBLIC = (
    "webapp/templates/layout.html",
    "webapp/templates/parts/*",
    "webapp/templates/site/*",
    "webapp/templates/measures/*",
    "webapp/templates/feed/*",
    "webapp/templates/comments/*",
    "webapp/templates/addresses/*",
    "webapp/templates/receipts/*",
    "webapp/templates/errors/*",
    "webapp/templates/summaries/report.html",
    "webapp/templates/summaries/reports.html",
    "webapp/templates/summaries/parts.html",
    "webapp/templates/summaries/list.html",
    "webapp/templates/reports/charts.html",
    "webapp/templates/reports/closing.html",
    "webapp/templates/reports/compare.html",
    "webapp/templates/tally/*",
    "webapp/templates/letters/frame.html",
    "webapp/templates/letters/author_foot.*",
    "webapp/templates/letters/received/*",
    "webapp/templates/letters/decision/*",
    "webapp/templates/letters/withdrawn/*",
    "webapp/templates/letters/answered/*",
    "webapp/templates/responses/answers.html",
    "webapp/templates/responses/parts.html",
    "webapp/templates/interpreting/parts.html",
    "webapp/comments/*.py",
    "webapp/receipts/*.py",
    "webapp/reports/charts.py",
    "webapp/reports/closing.py",
    "webapp/reports/closing_sheet.py",
    "webapp/reports/files.py",
    "webapp/reports/said.py",
    "webapp/reports/sheet.py",
    "webapp/reports/tables.py",
    "webapp/sharing/*.py",
    "webapp/tally/*.py",
    "webapp/errors.py",
    "webapp/refusal.py",
    "webapp/limits.py",
)
"""What citizens read on pages and in letters: easy Japanese must say all of it. What only staff
read falls back to Japanese."""
PUBLIC_NAMES: tuple[Mapping[Any, object], ...] = (
    PUBLICATIONS,
    REASONS,
    TREATMENTS,
    CATEGORIES,
    LABELS,
)
"""Names that a form of staff shares with public pages."""
FOR_STAFF = ("webapp/templates/parts/staff_bar.html", "webapp/comments/spreadsheet.py")
DOUBLE_NEGATIVE = re.compile("なくはな|ないことはな|ないわけではな|なければなら")
NAMES = {"Tomakoe"}
"""The word mark stands beside its Japanese spelling on every page, whatever the page's language."""


def spoken(*, public: bool = False) -> Catalog:
    """Every message in the sources as they are now; with `public`, those that citizens read."""
    with (ROOT / "translations" / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    catalog = Catalog()
    for name, line, message, comments, context in extract_from_dir(
        ROOT, methods, options, keywords=KEYWORDS
    ):
        if public and (not is_among(name, PUBLIC) or is_among(name, FOR_STAFF)):
            continue
        catalog.add(message, None, [(name, line)], auto_comments=comments, context=context)
    return catalog


def is_among(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def strings_of(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def catalogue(lang: str) -> Catalog:
    path = ROOT / "translations" / lang / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=lang)


@pytest.mark.parametrize("lang", CATALOGUES)
def test_the_catalogue_says_everything_and_nothing_more(lang: str) -> None:
    wanted = {message.id for message in spoken() if message.id}
    there = {message.id for message in catalogue(lang) if message.id}

    assert wanted - there == set()
    assert there - wanted == set()


@pytest.mark.parametrize("lang", [name for name in CATALOGUES if name != EASY])
def test_no_string_is_empty_or_fuzzy(lang: str) -> None:
    for message in catalogue(lang):
        if message.id:
            assert all(strings_of(message)), message.id
            assert not message.fuzzy, message.id


def test_easy_japanese_says_everything_that_citizens_read() -> None:
    wanted = {message.id for message in spoken(public=True) if message.id}
    wanted |= {vars(words)["_args"][0] for named in PUBLIC_NAMES for words in named.values()}
    said = {message.id for message in catalogue(EASY) if message.id and all(strings_of(message))}

    assert len(wanted) > 400
    assert wanted - said == set()


def test_easy_japanese_keeps_to_short_sentences_without_double_negatives() -> None:
    for message in catalogue(EASY):
        for string in strings_of(message) if message.id else ():
            for sentence in re.split("[。：]|（.*?）", re.sub(r"%\(\w+\)s", "", string)):
                assert len(sentence) <= 50, string
                assert not DOUBLE_NEGATIVE.search(sentence), string


def test_easy_japanese_has_no_spaces_between_its_words() -> None:
    spaced = re.compile("[ぁ-ん、。：] [ぁ-んァ-ヶ一-龠]|から %")
    strings = [s for message in catalogue(EASY) if message.id for s in strings_of(message)]

    assert [string for string in strings if spaced.search(string)] == []


@pytest.mark.parametrize("lang", CATALOGUES)
def test_placeholders_are_the_same_in_every_language(lang: str) -> None:
    placeholder = re.compile(r"%\(\w+\)s")
    for message in catalogue(lang):
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        wanted = set(placeholder.findall(ids[-1]))

        said = [string for string in strings_of(message) if string]

        assert all(set(placeholder.findall(string)) == wanted for string in said), message.id


def test_japanese_words_are_japanese() -> None:
    japanese = re.compile(r"[぀-ヿ一-鿿]")
    for message in catalogue("ja"):
        if message.id and re.search(r"[A-Za-z]{3}", str(message.id)):
            assert japanese.search(str(message.string)), message.id


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_unescaped_text_no_inline_style_and_no_inline_script(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    assert not re.search(r"\|\s*safe\b", source)
    assert "autoescape false" not in source
    if "letters/" not in path.as_posix():
        assert not re.search(r"\sstyle=", source)
        assert not re.search(r"<script(?![^>]*\ssrc=)", source)
        assert not re.search(r"\son[a-z]+=\"", source)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_says_no_word_outside_the_catalogues(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<style>.*?</style>", " ", source, flags=re.S)
    bare = re.sub(r"<[^>]*>", " ", bare) if path.suffix in (".html", ".xml") else bare

    assert set(re.findall(r"[A-Za-z]{4,}", bare)) - NAMES == set()

"""Language is chosen by address, then by what was chosen before, then by the browser."""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import ROOT, Config, languages_in
from tests import build
from tests.browser import chromium, needs_chromium, on_one_database, serving
from webapp.app import create_app
from webapp.catalogues import locale_of, tag
from webapp.comments.letters import received_letter
from webapp.comments.models import Comment
from webapp.db import db
from webapp.letters.models import Delivery
from webapp.measures.forms import read_programme
from webapp.measures.models import Measure
from webapp.measures.rules import MalformedProgramme
from webapp.measures.services import load_programme
from webapp.writing import write

FORM = "stages/5th/measures/1-1/comment"


@pytest.mark.parametrize(
    ("wish", "page"),
    [("en-GB,en;q=0.8", "/en/"), ("ja-JP", "/ja/"), ("fr", "/ja/"), ("", "/ja/")],
)
def test_a_first_visit_follows_the_browser(client: FlaskClient, wish: str, page: str) -> None:
    assert client.get("/", headers={"Accept-Language": wish}).location == page


@pytest.mark.parametrize("part", ["en", "ja", "ja-furigana", "ja-easy", "ja-easy-plain"])
def test_a_choice_leads_to_the_same_page_and_is_remembered(client: FlaskClient, part: str) -> None:
    chosen = client.post(f"/{part}/language", data={"page": "stages/5th?before=3"})
    later = client.get("/", headers={"Accept-Language": "en"})

    assert chosen.location == f"/{part}/stages/5th?before=3"
    assert later.location == f"/{part}/"
    assert "Cookie" in later.headers["Vary"]


def test_the_address_goes_before_what_is_remembered(client: FlaskClient) -> None:
    client.post("/en/language", data={"page": ""})

    assert '<html lang="ja">' in client.get("/ja/about").text


def test_a_foreign_cookie_is_no_choice(client: FlaskClient) -> None:
    client.set_cookie("language", "//evil.example")

    assert client.get("/").location == "/ja/"


@pytest.mark.parametrize("page", ["//evil.example", "\\\\evil.example", "/../..//evil.example"])
def test_a_choice_never_leads_to_another_site(client: FlaskClient, page: str) -> None:
    location = client.post("/en/language", data={"page": page}).location

    assert location.startswith("/en/")
    assert not location.startswith("/en//")


def test_the_switch_of_a_page_keeps_its_query(client: FlaskClient, measure: Measure) -> None:
    page = client.get("/en/stages/5th/measures/1-1?before=7").text

    assert 'name="page" value="stages/5th/measures/1-1?before=7"' in page


def test_switching_a_form_keeps_what_was_typed(client: FlaskClient, measure: Measure) -> None:
    first = client.get(f"/en/{FORM}").text
    key = re.search(r'name="form_key"[^>]*value="([^"]+)"', first)
    assert key is not None
    typed = {
        "text": "Clear the pavement.",
        "stance": "suggest",
        "language": "en",
        "email": "half@",
        "form_key": key[1],
        "switch": "edit",
    }
    second = client.post(f"/ja-easy/{FORM}", data=typed)

    assert f'formaction="/ja-easy/{FORM}" name="switch" value="edit"' in first
    assert second.status_code == 200
    assert "Clear the pavement.</textarea>" in second.text
    assert 'value="half@"' in second.text
    assert re.search(r'<input checked [^>]*value="suggest"', second.text)
    assert key[1] in second.text
    assert client.get("/").location == "/ja-easy/"


def test_easy_japanese_is_no_language_that_one_writes_in(
    client: FlaskClient, measure: Measure
) -> None:
    page = client.get(f"/ja-easy/{FORM}").text
    offered = re.findall(r'name="language"[^>]*value="([^"]+)"', page)

    assert offered == ["ja", "en", "other"]


@needs_chromium
@on_one_database
def test_the_enter_key_in_a_form_checks_it_and_changes_no_language(
    app: Flask, measure: Measure
) -> None:
    with serving(app) as site, chromium() as browser:
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(f"{site}/en/{FORM}")
        page.fill("textarea", "Clear the pavement.")
        page.press("input[name=email]", "Enter")

        assert page.locator("html").get_attribute("lang") == "en"
        assert page.locator("h1").inner_text() == "Please check what you wrote"

        page.get_by_role("button", name="やさしい日本語").click()

        assert page.locator("html").get_attribute("lang") == "ja"
        assert "Clear the pavement." in page.locator("main").inner_text()


@pytest.mark.parametrize(
    ("code", "locale", "html"),
    [
        ("ja", "ja", "ja"),
        ("ja-easy", "ja@easy", "ja"),
        ("vi", "vi", "vi"),
        ("zh-hant", "zh_Hant", "zh-hant"),
    ],
)
def test_a_code_of_an_address_has_a_locale_and_a_tag(code: str, locale: str, html: str) -> None:
    assert str(locale_of(code)) == locale
    assert tag(code) == html


def test_words_for_staff_fall_back_from_easy_japanese_to_japanese(app: Flask) -> None:
    with app.test_request_context("/ja-easy/"), force_locale("ja@easy"):
        assert app.jinja_env.from_string("{{ _('Moderation') }}").render() == "意見の審査"
        assert app.jinja_env.from_string("{{ _('Name') }}").render() == "名前"


@pytest.fixture
def with_vietnamese(config: Config, tmp_path: Path) -> Iterator[Flask]:
    """The site with one more catalogue, and a programme with one more file of texts."""
    translations = tmp_path / "translations"
    shutil.copytree(ROOT / "translations", translations)
    path = translations / "vi" / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True)
    catalogue = Catalog(locale="vi")
    catalogue.add("Measures", "Biện pháp")
    with path.open("wb") as file:
        write_mo(file, catalogue)
    app = create_app(
        dataclasses.replace(
            config,
            BABEL_TRANSLATION_DIRECTORIES=str(translations),
            LANGUAGES=languages_in(translations),
        )
    )
    yield app
    app.extensions["edition"].close()
    with app.app_context():
        db.engine.dispose()


BASE = """
slug: third
title: {ja: 題, en: Title}
notice: {ja: 注意, en: Notice}
measures:
  - {code: 1-1, ja: 冬の道, en: Roads}
  - {code: 1-2, ja: 夏の道, en: Summer}
"""
ADDED = """
slug: third
title: {vi: Tiêu đề}
notice: {vi: Ghi chú}
measures:
  - {code: 1-1, vi: Đường mùa đông}
"""


def test_a_third_language_is_a_catalogue_and_a_file_of_texts(
    with_vietnamese: Flask, session: Session, now: datetime, tmp_path: Path
) -> None:
    (tmp_path / "third.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "third.vi.yaml").write_text(ADDED, encoding="utf-8")
    load_programme(session, read_programme(tmp_path / "third.yaml"), by="test", now=now)
    client = with_vietnamese.test_client()
    page = client.get("/vi/stages/third/measures/1-1").text
    missing = client.get("/vi/stages/third/measures/1-2").text

    assert with_vietnamese.config["LANGUAGES"] == ("ja", "ja-easy", "en", "vi")
    assert '<html lang="vi">' in page
    assert "Đường mùa đông" in page
    assert "Biện pháp" in page
    assert "Tiếng việt" in page
    assert "furigana" not in page.lower()
    assert '<span lang="ja">夏の道</span>' in missing
    assert client.get("/", headers={"Accept-Language": "vi"}).location == "/vi/"


def test_a_file_of_texts_that_knows_no_such_entry_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "third.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "third.vi.yaml").write_text(ADDED.replace("1-1", "9-9"), encoding="utf-8")

    with pytest.raises(MalformedProgramme, match="9-9"):
        read_programme(tmp_path / "third.yaml")


def test_the_shipped_programme_is_whole_in_easy_japanese_in_short_sentences() -> None:
    programme = read_programme(ROOT / "webapp" / "measures" / "programmes" / "5th.yaml")
    entries = list(programme.all_entries())
    texts = [programme.title, programme.notice, *(entry.texts for entry in entries)]

    assert len(entries) == 80
    for words in texts:
        for sentence in re.split("。|（.*?）", words["ja-easy"]):
            assert len(sentence) <= 50, sentence


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "Thank you for your comment on this measure"),
        ("ja", "次の施策に意見をお寄せいただき"),
        ("ja-easy", "意見を送ってくれて、ありがとうございます"),
    ],
)
@pytest.mark.parametrize("workers_own", ["en", "ja", "de"])
def test_a_letter_speaks_its_readers_language_whatever_the_workers_own(
    app: Flask,
    session: Session,
    make_comment: Callable[..., Comment],
    lang: str,
    words: str,
    workers_own: str,
) -> None:
    make_comment(email="a@example.jp", page_lang=lang)
    delivery = session.scalar(select(Delivery).where(Delivery.kind == "received"))
    assert delivery is not None
    letter = received_letter(session, delivery, build.SEALER)
    assert letter is not None
    with app.app_context(), force_locale(workers_own):
        message = write(letter, "<1@test>")
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))

    assert words in text
    assert f'<html lang="{lang.split("-")[0]}">' in html
    assert ("<ruby>" in html) == (lang == "ja-easy")
    assert "<ruby>" not in text
    assert f"/{lang}/receipts" in text
    assert message["Content-Language"] == lang.split("-")[0]

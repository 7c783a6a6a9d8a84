"""Pages with furigana: by address, out of stored readings, clean where readers copy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests import build
from tests.browser import chromium, needs_chromium, on_one_database, serving
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.furigana import END, READING, WORD, with_readings
from webapp.measures.models import Measure
from webapp.readings.services import correct_reading
from worker.reading import read_all

ROADS = "冬の道路を安全にします。"
ROADS_READ = "<ruby>道路<rp>(</rp><rt>どうろ</rt><rp>)</rp></ruby>"
MEASURE = "stages/5th/measures/1-1"


def test_only_the_address_decides_whether_kanji_are_read(
    session: Session, client: FlaskClient, measure: Measure
) -> None:
    read_all(session)

    assert ROADS_READ in client.get(f"/ja-furigana/{MEASURE}").text
    assert "<ruby>" not in client.get(f"/ja/{MEASURE}").text
    assert "<ruby>" not in client.get(f"/en/{MEASURE}").text


def test_every_link_of_a_page_with_furigana_keeps_it(client: FlaskClient, measure: Measure) -> None:
    page = client.get(f"/ja-furigana/{MEASURE}").text
    main = page[page.index("<main") :]

    assert 'href="/ja-furigana/stages/5th"' in main
    assert 'href="/ja/' not in main


def test_until_the_worker_came_the_text_is_plain(client: FlaskClient, measure: Measure) -> None:
    page = client.get(f"/ja-furigana/{MEASURE}").text

    assert ROADS in page
    assert "<ruby>意見" in page  # the interface has its readings already


def test_a_kept_page_shows_new_readings_at_once(
    session: Session, client: FlaskClient, measure: Measure, now: datetime
) -> None:
    read_all(session)
    first = client.get(f"/ja-furigana/{MEASURE}").text
    correct_reading(session, word="道路", reading="みちじ", by="test", now=now)
    read_all(session)
    second = client.get(f"/ja-furigana/{MEASURE}").text

    assert "みちじ" not in first
    assert "<rt>みちじ</rt>" in second


def test_a_page_with_furigana_is_kept_and_sets_no_cookie(
    session: Session, client: FlaskClient, measure: Measure
) -> None:
    read_all(session)
    first = client.get(f"/ja-furigana/{MEASURE}")
    second = client.get(f"/ja-furigana/{MEASURE}")

    assert first.headers["ETag"] == second.headers["ETag"]
    assert "Set-Cookie" not in first.headers


def test_titles_and_boxes_hold_no_ruby_and_no_page_holds_a_mark(
    session: Session, client: FlaskClient, measure: Measure
) -> None:
    read_all(session)
    for address in ("", MEASURE, f"{MEASURE}/comment", "stages/5th", "about", "nowhere"):
        page = client.get(f"/ja-furigana/{address}").text

        assert not {WORD, READING, END} & set(page), address
        assert "<ruby>" not in page[page.index("<title>") : page.index("</title>")], address


def test_answers_to_choose_from_are_read(
    session: Session, client: FlaskClient, measure: Measure
) -> None:
    read_all(session)
    page = client.get(f"/ja-furigana/{MEASURE}/comment").text

    assert "<ruby>歩道<rp>(</rp><rt>ほどう</rt>" in page  # an action, after its code
    assert "<ruby>市<rp>(</rp><rt>し</rt><rp>)</rp></ruby><ruby>内" in page  # a tie to the city


def test_what_people_wrote_is_not_read_though_the_interface_says_the_same() -> None:
    words = {"反対": f"{WORD}反対{READING}はんたい{END}"}

    assert "<ruby>" in with_readings("<p>反対</p>", {}, words)
    assert "<ruby>" not in with_readings('<p class="said" lang="ja">反対</p>', {}, words)


def test_only_translators_and_administrators_correct_readings(
    app: Flask, session: Session, sign_in: Callable[[FlaskClient, Staff], None]
) -> None:
    for role in Role:
        client = app.test_client()
        sign_in(client, build.staff(session, role))
        allowed = role in (Role.TRANSLATOR, Role.ADMINISTRATOR)

        assert client.get("/en/readings").status_code == (200 if allowed else 403), role


@pytest.fixture
def translator(
    app: Flask, session: Session, sign_in: Callable[[FlaskClient, Staff], None]
) -> FlaskClient:
    client = app.test_client()
    sign_in(client, build.staff(session, Role.TRANSLATOR))
    return client


def test_a_translator_corrects_a_word_and_takes_it_back(
    session: Session, measure: Measure, translator: FlaskClient
) -> None:
    read_all(session)
    sent = translator.post("/en/readings", data={"word": "道路", "reading": "みちじ"})
    listed = translator.get("/en/readings?word=道路").text
    translator.post("/en/readings/1/take-back")

    assert sent.status_code == 302
    assert "みちじ" in listed
    assert ROADS_READ in listed  # how it is read until the worker came
    assert "みちじ" not in translator.get("/en/readings").text


def test_a_reading_in_katakana_is_refused_and_stays_in_its_box(translator: FlaskClient) -> None:
    answer = translator.post("/en/readings", data={"word": "道路", "reading": "ミチ"})

    assert answer.status_code == 400
    assert "Please write the reading in hiragana." in answer.text
    assert 'value="ミチ"' in answer.text


@needs_chromium
@on_one_database
def test_a_heading_with_readings_breaks_between_words_on_a_phone(
    app: Flask, measure: Measure
) -> None:
    with serving(app) as site, chromium() as browser:
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(f"{site}/ja-furigana/{MEASURE}/comment")
        page.fill("textarea", "歩道の除雪を早く。")
        page.click("main button[value=confirm]")
        lines = page.locator("h1").evaluate(
            """heading => {
              const lines = [];
              const walker = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT);
              for (let bottom; walker.nextNode(); ) {
                const node = walker.currentNode;
                if (node.parentElement.matches("rt, rp")) continue;
                for (const place of [...node.data].keys()) {
                  const letter = document.createRange();
                  letter.setStart(node, place);
                  letter.setEnd(node, place + 1);
                  const box = letter.getBoundingClientRect();
                  if (!(box.top < bottom)) lines.push("");
                  bottom = box.bottom;
                  lines[lines.length - 1] += node.data[place];
                }
              }
              return lines;
            }"""
        )

        assert lines == ["入力内容を", "確認してください"]


@needs_chromium
@on_one_database
def test_what_is_copied_has_no_readings_and_a_word_can_be_searched_for(
    app: Flask, session: Session, measure: Measure
) -> None:
    read_all(session)
    with serving(app) as site, chromium() as browser:
        page = browser.new_page()
        page.goto(f"{site}/ja-furigana/{MEASURE}")
        page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
        copied = page.evaluate("getSelection().toString()")
        page.evaluate("getSelection().removeAllRanges()")
        found = page.evaluate("window.find('道路')")

        assert copied.split() == ["1-1", ROADS]  # the whole phrase, across its readings
        assert found

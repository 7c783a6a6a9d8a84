"""The main story with every part real: a comment becomes a line in an official's letter.

Once as `make run` has it (SQLite, wake-ups through files) and once as a city has it (PostgreSQL,
Redis). A citizen writes in a browser without JavaScript, a moderator decides, letters arrive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet
from playwright.sync_api import Page
from sqlalchemy import Engine, create_engine, text

from tests import build, parts
from tests.browser import chromium, needs_chromium
from webapp.citytime import Week

WORDS = {
    "ja": {
        "text": "歩道の除雪を朝七時までに終えてほしいです。",
        "check": "入力内容を確認する",
        "send": "送信する",
    },
    "en": {
        "text": "Please clear the pavement near the school before seven in the morning.",
        "check": "Check what I wrote",
        "send": "Send",
    },
}


@pytest.fixture(params=["one machine", "many machines"])
def home(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[parts.House, parts.Post, Engine]]:
    settings = {
        "IDENTITY_KEYS": Fernet.generate_key().decode(),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'tomakoe.sqlite'}",
    }
    with parts.post_office() as post:
        if request.param == "one machine":
            with parts.house(tmp_path, SMTP_URL=post.url, **settings) as house:
                yield house, post, create_engine(settings["DATABASE_URL"])
            return
        server = request.getfixturevalue("postgresql_server")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("CREATE DATABASE journey")
        settings["DATABASE_URL"] = build.with_database(server, "journey")
        with parts.redis_server(tmp_path) as redis:
            settings |= {"BROKER_URL": redis, "RATELIMIT_STORAGE_URI": redis}
            with parts.house(tmp_path, SMTP_URL=post.url, **settings) as house:
                yield house, post, create_engine(settings["DATABASE_URL"])


def passwords(said: str) -> dict[str, str]:
    return dict(re.findall(r"(\w+@tomakoe\.example)\s+(\S+)", said))


def write_comment(page: Page, house: parts.House, lang: str) -> tuple[str, str]:
    """Write, check and send as a citizen would; returns number and secret."""
    words = WORDS[lang]
    page.goto(f"{house.url}/{lang}/stages/5th/measures/4-2/comment")
    page.get_by_role("textbox").first.fill(words["text"])
    page.locator("input[name=email]").fill(f"author-{lang}@example.jp")
    page.get_by_role("button", name=words["check"]).click()
    page.get_by_role("button", name=words["send"], exact=True).click()
    number, secret = page.locator(".secret").all_inner_texts()
    return number, secret


def plain_text(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def decide(page: Page, house: parts.House, login: tuple[str, str], comment: int) -> None:
    """Sign in and publish one comment as a moderator would."""
    page.goto(f"{house.url}/en/moderation/comments/{comment}")
    page.locator("input[name=email]").fill(login[0])
    page.locator("input[name=password]").fill(login[1])
    page.locator("main").get_by_role("button").click()
    page.locator("input[name=publication][value=published]").check()
    page.locator("main").get_by_role("button", name="Decide and go to the next").click()


@needs_chromium
def test_a_comment_travels_from_a_phone_to_the_letter_of_monday(
    home: tuple[parts.House, parts.Post, Engine],
) -> None:
    house, post, engine = home
    people = passwords(house.command("demonstration", "prepare"))
    house.start("web", "worker", "scheduler")
    moderator = "moderator@tomakoe.example"
    with chromium() as browser:
        for number, lang in enumerate(WORDS, start=1):
            context = browser.new_context(
                java_script_enabled=False, viewport={"width": 390, "height": 844}
            )
            page = context.new_page()
            receipt = write_comment(page, house, lang)
            author = f"author-{lang}@example.jp"
            first = parts.wait_until(lambda to=author: post.to(to), what="the first letter")[0]

            assert receipt[0] in plain_text(first)
            assert receipt[1] not in plain_text(first)

            found = re.search(r"http://\S+/letters/confirm/\S+", plain_text(first))
            assert found is not None
            page.goto(found[0])
            page.locator("main").get_by_role("button").click()
            with engine.connect() as connection:
                parts.wait_until(
                    lambda c=connection: (
                        c.execute(
                            text("SELECT count(*) FROM comments WHERE screened_at IS NULL")
                        ).scalar()
                        == 0
                    ),
                    what="screening",
                )
            desk = browser.new_context(java_script_enabled=False).new_page()
            decide(desk, house, (moderator, people[moderator]), number)
            page.goto(f"{house.url}/{lang}/stages/5th/measures/4-2")

            assert WORDS[lang]["text"] in page.locator("#comments").inner_text()

            letter = parts.wait_until(lambda to=author: post.to(to)[1:], what="the decision")[0]
            plain = plain_text(letter)

            assert letter["Content-Language"] == lang
            assert receipt[0] in plain
            assert receipt[1] not in plain

            page.goto(f"{house.url}/{lang}/receipts")
            page.locator("input[name=number]").fill(receipt[0])
            page.locator("input[name=secret]").fill(receipt[1])
            page.locator("main").get_by_role("button").click()

            assert page.locator("[aria-current=step]").count() == 1
            assert WORDS[lang]["text"] in page.locator("main").inner_text()
            context.close()

    last_week = datetime.now(UTC) - timedelta(days=7)
    with engine.begin() as connection:
        for table, column in (
            ("comments", "received_at"),
            ("comment_periods", "opens_at"),
            ("subscriptions", "since"),
        ):
            moment = last_week - timedelta(days=7 if table != "comments" else 0)
            connection.execute(
                text(f"UPDATE {table} SET {column} = :moment"),
                {"moment": moment.replace(tzinfo=None) if engine.name == "sqlite" else moment},
            )
        connection.execute(text("UPDATE subscriptions SET first_week = '2000-W01'"))
    week = str(Week.of(last_week))
    house.command("report", "prepare", "--week", week)
    dry_run = house.command("report", "send", "--week", week)
    with engine.connect() as connection:
        owed = connection.execute(
            text("SELECT count(*) FROM deliveries WHERE kind = 'weekly-report'")
        ).scalar()

    assert dry_run.strip() == f"1 letters about {week} would be owed; --yes sends them"
    assert owed == 0
    assert post.to("official@tomakoe.example") == []

    sent = house.command("report", "send", "--week", week, "--yes")

    assert sent.startswith("1 letters owed\n")

    report = parts.wait_until(lambda: post.to("official@tomakoe.example"), what="the weekly report")
    plain = report[0].get_body(("plain",)).get_content()

    assert week in report[0]["Subject"]
    assert all(words["text"] in plain.replace("\n", "") for words in WORDS.values())
    assert len(report) == 1
    engine.dispose()

"""What the script of a comment's page does with its claim, in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from tests import build
from tests.browser import chromium, needs_chromium, on_one_database, serving
from tests.parts import wait_until
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.comments.models import Comment
from webapp.moderation.claiming import take_up
from webapp.moderation.claims import claim_on
from webapp.moderation.rules import LEAVING

pytestmark = [needs_chromium, on_one_database]
A_WHILE = timedelta(minutes=5)


@pytest.fixture
def tab(app: Flask, moderator: Staff) -> Iterator[tuple[Page, str]]:
    """A browser tab in which a moderator is signed in, and the site's address."""
    with serving(app) as site, chromium() as browser:
        page = browser.new_page()
        page.clock.install()
        page.goto(f"{site}/en/sign-in")
        page.fill("input[name=email]", moderator.email)
        page.fill("input[name=password]", build.PASSWORD)
        page.locator("main").get_by_role("button").click()
        yield page, site


@pytest.fixture
def time_left(session: Session) -> Callable[[int], timedelta]:
    """How long the claim on a comment still lasts."""

    def time_left(comment_id: int) -> timedelta:
        now = datetime.now(UTC)
        claim = claim_on(session, comment_id, now)
        session.rollback()
        return claim.ends_at - now if claim else timedelta(0)

    return time_left


def test_a_page_that_is_loaded_again_keeps_its_claim_and_one_that_is_left_lets_it_go(
    tab: tuple[Page, str],
    screened: Callable[..., Comment],
    time_left: Callable[[int], timedelta],
) -> None:
    (page, site), comment_id = tab, screened().id
    page.goto(f"{site}/en/moderation")
    page.get_by_role("button", name="Take up the next one").click()
    assert time_left(comment_id) > A_WHILE

    page.reload()
    wait_until(lambda: time_left(comment_id) > A_WHILE, what="keeping the claim")
    assert "You have taken this up" in page.locator("#claim").inner_text()

    page.goto(f"{site}/en/moderation")
    wait_until(lambda: time_left(comment_id) <= LEAVING, what="leaving the comment")


def test_an_open_page_shows_who_takes_the_comment_up_meanwhile(
    tab: tuple[Page, str], session: Session, screened: Callable[..., Comment], now: datetime
) -> None:
    (page, site), comment_id = tab, screened().id
    page.goto(f"{site}/en/moderation/comments/{comment_id}")
    assert "Nobody has taken this up" in page.locator("#claim").inner_text()
    page.get_by_label("Note to the author").fill("わたしのメモ")

    other = build.staff(session, Role.MODERATOR, name="Suzuki Ichiro")
    take_up(session, comment_id, moderator_id=other.id, now=now, lasting=A_WHILE)
    page.clock.fast_forward(21_000)

    page.get_by_text("Suzuki Ichiro is working on this").wait_for()
    assert page.get_by_label("Note to the author").input_value() == "わたしのメモ"

"""The form in a real Chromium: the draft that outlives the page, and the small work of a burst."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Error, Page, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config import Config
from tests.browser import chromium, needs_chromium, on_one_database, serving, small_targets
from tests.parts import wait_until
from webapp.comments.models import Comment
from webapp.measures.models import Measure

pytestmark = [needs_chromium, on_one_database]
FORM = "/en/stages/5th/measures/1-1/comment"
TEXT = "Please clear the pavements before seven.\n歩道の除雪を。"


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, BURST_PER_MINUTE=3, SLOW_WAY_SECONDS=4.0)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def site(app: Flask, measure: Measure) -> Iterator[str]:
    with serving(app) as url:
        yield url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test when the browser has anything to complain of."""
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()

    # Chromium reports each answer of 400 and more as an error of its own.
    assert [said for said in complaints if "Failed to load resource" not in said] == []


def drafts(page: Page) -> str:
    """All that the browser keeps, as one string."""
    return str(page.evaluate("JSON.stringify(Object.entries(localStorage))"))


def write(page: Page, address: str) -> None:
    page.goto(address)
    page.fill("[name=text]", TEXT)
    page.click("form summary")
    page.check("[name=stance][value=suggest]")
    page.fill("[name=email]", "author@example.jp")
    expect(page.locator("#draft-kept")).to_be_visible()


def go_on_to_the_check(page: Page) -> None:
    page.click("main button[value=confirm]")
    expect(page.locator("main button[value=send]")).to_be_visible()


def comments(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Comment)) or 0


def test_a_draft_comes_back_after_a_reload_and_goes_when_it_is_sent(
    page: Page, site: str, session: Session
) -> None:
    write(page, site + FORM)

    assert "author@example.jp" not in drafts(page)

    page.goto("about:blank")
    page.goto(site + FORM)

    expect(page.locator("#draft-back")).to_be_visible()
    assert page.input_value("[name=text]") == TEXT
    assert page.is_checked("[name=stance][value=suggest]")
    expect(page.locator("[name=stance][value=suggest]")).to_be_visible()

    go_on_to_the_check(page)
    page.click("main button[value=send]")
    expect(page.locator(".secret").first).to_be_visible()

    assert comments(session) == 1
    assert "pavements" not in drafts(page)

    page.goto(site + FORM)

    assert page.input_value("[name=text]") == ""
    expect(page.locator("#draft-back")).to_be_hidden()


def test_the_codes_of_a_receipt_are_whole_on_a_phone_and_a_button_away_from_where_it_stands(
    page: Page, site: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(site + FORM)
    page.fill("[name=text]", TEXT)
    go_on_to_the_check(page)

    assert small_targets(page) == []

    page.click("main button[value=send]")
    groups: list[list[float]] = page.locator(".secret").last.evaluate(
        """code => [...code.children].map((group) => {
             const words = document.createRange();
             words.selectNodeContents(group);
             return [...words.getClientRects()].map((box) => Math.round(box.top));
           })"""
    )

    assert [len(tops) for tops in groups] == [1] * 6
    assert len({tops[0] for tops in groups}) == 2
    assert small_targets(page) == []

    page.get_by_role("button", name="See where my comment stands").click()

    expect(page.get_by_role("heading", name="Where your comment stands")).to_be_visible()
    expect(page.locator("p.said")).to_have_text(TEXT)


def test_what_is_left_to_write_is_said_as_soon_as_the_box_holds_something(
    page: Page, site: str
) -> None:
    write(page, site + FORM)
    left = f"{4000 - len(TEXT):,} characters left"
    page.reload()

    expect(page.locator("[data-counts]")).to_have_text(left, use_inner_text=True)

    go_on_to_the_check(page)
    page.click("main button[value=edit]")

    expect(page.locator("[data-counts]")).to_have_text(left, use_inner_text=True)


def test_a_revision_comes_back_after_a_reload_and_goes_when_it_is_sent(
    page: Page, site: str
) -> None:
    page.goto(site + FORM)
    page.fill("[name=text]", TEXT)
    go_on_to_the_check(page)
    page.click("main button[value=send]")
    number, secret = page.locator(".secret").all_inner_texts()

    def revise() -> None:
        page.goto(f"{site}/en/receipts")
        page.fill("[name=number]", number)
        page.fill("[name=secret]", secret)
        page.get_by_role("button", name="Show").click()
        page.get_by_role("button", name="Change your comment").click()

    revise()

    assert page.input_value("[name=text]") == TEXT
    assert "revision" not in drafts(page)

    page.fill("[name=text]", "My number is 090-1234-5678.")
    page.goto("about:blank")
    revise()

    expect(page.locator("#draft-back")).to_be_visible()
    assert page.input_value("[name=text]") == "My number is 090-1234-5678."
    assert secret not in drafts(page)

    page.get_by_role("button", name="Send the new version").click()  # it says what looks private
    page.fill("[name=text]", "I have no number.")
    page.get_by_role("button", name="Send the new version").click()

    expect(page.get_by_role("status")).to_contain_text("Your new version has been received.")
    assert "revision" not in drafts(page)

    revise()

    expect(page.locator("#draft-back")).to_be_hidden()
    assert page.input_value("[name=text]") == "I have no number."

    page.fill("[name=text]", "Something else.")
    page.locator("#draft-kept [data-discard]").click()

    assert page.input_value("[name=text]") == "I have no number."
    assert "revision" not in drafts(page)


def test_a_draft_can_be_discarded_and_belongs_to_its_measure(page: Page, site: str) -> None:
    write(page, site + FORM)
    page.goto(site + FORM.replace("1-1", "1-2"))

    assert page.input_value("[name=text]") == ""

    page.goto(site + FORM)
    page.click("#draft-back [data-discard]")

    assert page.input_value("[name=text]") == ""
    assert drafts(page) == "[]"

    page.reload()

    assert page.input_value("[name=text]") == ""


def test_a_form_whose_answer_was_lost_gives_the_same_receipt(
    page: Page, site: str, session: Session
) -> None:
    write(page, site + FORM)
    go_on_to_the_check(page)
    kept = page.evaluate("JSON.stringify(localStorage)")
    page.click("main button[value=send]")
    first = page.locator(".secret").all_inner_texts()
    page.evaluate("kept => Object.assign(localStorage, JSON.parse(kept))", kept)
    page.goto(site + FORM)
    go_on_to_the_check(page)
    page.click("main button[value=send]")
    second = page.locator(".secret").all_inner_texts()

    assert first == second
    assert comments(session) == 1


def test_other_words_on_a_form_already_sent_can_be_sent_from_a_fresh_one(
    page: Page, site: str, session: Session
) -> None:
    write(page, site + FORM)
    wait_until(lambda: "pavements" in drafts(page))
    window = page.context.new_page()
    window.goto(site + FORM)
    go_on_to_the_check(window)
    window.click("main button[value=send]")
    expect(window.locator(".secret").first).to_be_visible()
    page.fill("[name=text]", "Another opinion altogether.")
    wait_until(lambda: "altogether" in drafts(page))
    page.goto(site + FORM)

    assert page.input_value("[name=text]") == "Another opinion altogether."

    go_on_to_the_check(page)
    page.click("main button[value=send]")
    expect(page.locator(".secret").first).to_be_visible()

    assert comments(session) == 2


def test_without_scripts_the_form_works_and_a_burst_asks_to_wait(
    browser: Browser, site: str, session: Session, send: Callable[..., TestResponse]
) -> None:
    for _ in range(4):
        assert send().status_code == 200
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + FORM)

    expect(page.locator("#draft-back")).to_be_hidden()
    expect(page.locator("#draft-kept")).to_be_hidden()

    page.fill("[name=text]", TEXT)
    go_on_to_the_check(page)
    page.click("main button[value=send]")

    expect(page.locator("#offer-status")).to_contain_text("then press Send")
    assert comments(session) == 4

    page.wait_for_timeout(4200)
    page.click("main button[value=send]")
    expect(page.locator(".secret").first).to_be_visible()
    context.close()

    assert comments(session) == 5


def test_the_way_back_leads_to_what_was_written_and_never_to_a_receipt(
    page: Page, site: str, session: Session
) -> None:
    page.goto(site + FORM)
    page.click("main button[value=confirm]")
    expect(page.locator("#errors")).to_be_visible()
    page.fill("[name=text]", TEXT)
    go_on_to_the_check(page)
    page.click("main button[value=edit]")
    expect(page.locator("textarea")).to_have_value(TEXT)

    page.go_back()
    expect(page.locator("main button[value=send]")).to_be_visible()
    page.go_back()
    expect(page.locator("#errors")).to_be_visible()
    page.go_forward()
    page.click("main button[value=send]")
    expect(page.locator(".secret").first).to_be_visible()
    page.goto(site + "/en/privacy")
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()

    assert comments(session) == 1


def test_an_emptied_box_leaves_nothing_to_the_next_person(page: Page, site: str) -> None:
    write(page, site + FORM)
    page.fill("[name=text]", "")
    wait_until(lambda: "pavements" not in drafts(page))
    page.goto(site + FORM)

    assert page.input_value("[name=text]") == ""
    expect(page.locator("#draft-back")).to_be_hidden()


def test_another_answer_on_a_form_that_arrived_can_be_sent(
    page: Page, site: str, session: Session
) -> None:
    write(page, site + FORM)
    go_on_to_the_check(page)
    page.evaluate(
        """() => { const form = document.querySelector("#check-form");
        const typed = new URLSearchParams(new FormData(form)); typed.set("step", "send");
        return fetch(form.getAttribute("action"), { method: "POST", body: typed }); }"""
    )
    page.goto(site + FORM)  # the answer was lost
    page.check("[name=stance][value=ask]")
    go_on_to_the_check(page)
    page.click("main button[value=send]")
    expect(page.locator(".secret").first).to_be_visible()

    assert comments(session) == 2


def test_without_a_connection_the_form_stays_and_says_so(
    page: Page, site: str, session: Session
) -> None:
    write(page, site + FORM)
    for step, then in (("confirm", "main button[value=send]"), ("send", ".secret")):
        page.context.set_offline(True)
        page.click(f"main button[value={step}]")

        expect(page.locator("[data-offline]")).to_be_visible()
        assert "pavements" in page.content()

        page.context.set_offline(False)
        expect(page.locator("[data-offline]")).to_be_hidden()
        page.click(f"main button[value={step}]")
        expect(page.locator(then).first).to_be_visible()

    assert comments(session) == 1


@pytest.mark.parametrize("impatient", [True, False])
def test_in_a_burst_the_browser_does_the_work(
    page: Page,
    site: str,
    session: Session,
    send: Callable[..., TestResponse],
    impatient: bool,
) -> None:
    for _ in range(4):
        assert send().status_code == 200
    write(page, site + FORM)
    go_on_to_the_check(page)
    if not impatient:
        expect(page.locator("#offer-status")).to_have_text(
            "Ready. Please press Send.", timeout=30_000
        )
    page.click("main button[value=send]")
    expect(page.locator(".secret").first).to_be_visible(timeout=30_000)

    assert comments(session) == 5

"""What an author sees behind a receipt, on a phone without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tests.browser import chromium, needs_chromium, on_one_database, serving, small_targets
from tests.conftest import KEY
from tests.moderation.conftest import WITHHELD
from webapp.comments.models import Comment
from webapp.measures.models import Measure
from webapp.moderation.models import Decision
from webapp.sealing import Sealer

AXE = Axe()
WORDS = {
    "en": {
        "show": "Show",
        "more": "Write another comment",
        "check": "Check what I wrote",
        "send": "Send",
        "joined": "It is kept with the same receipt.",
        "change": "Change your comment",
        "new": "Send the new version",
        "changed": "Your new version has been received.",
        "again": "Ask for a second look",
        "asked": "Another person will look at it.",
        "withdraw": "Withdraw the comment",
        "withdrawn": "Your comment has been withdrawn.",
        "erase": "Erase my e-mail address",
        "erased": "Your personal data have been erased.",
    },
    "ja": {
        "show": "表示する",
        "more": "もう一つ意見を書く",
        "check": "入力内容を確認する",
        "send": "送信する",
        "joined": "同じ受付票にまとめました。",
        "change": "意見を書き直す",
        "new": "書き直した意見を送る",
        "changed": "書き直した意見を受け付けました。",
        "again": "再審査を求める",
        "asked": "別の職員が",
        "withdraw": "意見を取り下げる",
        "withdrawn": "意見を取り下げました。",
        "erase": "メールアドレスを消す",
        "erased": "個人情報を消しました。",
    },
}


@needs_chromium
@on_one_database
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_step_behind_a_receipt_can_be_taken_on_a_phone(
    app: Flask,
    session: Session,
    measure: Measure,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    holding: Callable[[Comment], dict[str, str]],
    lang: str,
) -> None:
    comment = screened("歩道の除雪を早くしてほしい。", email="a@example.jp", sealer=Sealer([KEY]))
    settle(comment, WITHHELD)
    pair = holding(comment)
    say = WORDS[lang]
    with serving(app) as site, chromium() as browser:
        context = browser.new_context(viewport={"width": 390, "height": 844})
        # Not switched off, or axe itself could not run; but no script of the site arrives.
        context.route("**/*.js*", lambda route: route.abort())
        context.set_default_timeout(10_000)
        page = context.new_page()

        def press(words: str, *, nth: int = 0) -> None:
            page.get_by_role("button", name=words, exact=True).nth(nth).click()
            assert_is_sound(page, lang)
            assert pair["secret"] not in page.url

        page.goto(f"{site}/{lang}/receipts")
        assert_is_sound(page, lang)
        press(say["show"])  # nothing entered: each field's error is a link
        page.fill("input[name=number]", pair["number"])
        page.fill("input[name=secret]", pair["secret"])
        press(say["show"])
        press(say["again"])
        press(say["again"])
        expect(page.get_by_role("status")).to_contain_text(say["asked"])

        press(say["more"])
        page.locator("summary").first.click()
        page.locator("button[formaction$='/1-2/comment']").click()
        assert_is_sound(page, lang)
        press(say["check"])
        page.fill("textarea[name=text]", "図書館を夜も開けてほしい。\n\n本も増やしてほしい。")
        press(say["check"])
        press(say["send"])
        expect(page.get_by_role("status")).to_contain_text(say["joined"])
        expect(page.locator("section[id^=comment-]")).to_have_count(2)

        press(say["change"])
        page.fill("textarea[name=text]", "図書館を夜九時まで開けてほしい。")
        press(say["new"])
        expect(page.get_by_role("status")).to_contain_text(say["changed"])

        press(say["withdraw"])
        press(say["withdraw"])
        expect(page.get_by_role("status")).to_contain_text(say["withdrawn"])

        press(say["erase"])
        press(say["erase"])
        expect(page.get_by_role("status")).to_contain_text(say["erased"])


def assert_is_sound(page: Page, lang: str) -> None:
    """Nothing that axe finds, nothing too wide or too small, and the reader's own language."""
    faults = AXE.run(page).response["violations"]

    assert [f"{fault['id']}: {fault['nodes'][0]['html'][:120]}" for fault in faults] == [], page.url
    assert page.locator("html").get_attribute("lang") == lang
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url
    assert small_targets(page) == [], page.url

"""On a shared device: the browser keeps no name, and clearing the form clears the names too."""

from __future__ import annotations

from flask import Flask
from playwright.sync_api import expect

from tests.browser import chromium, needs_chromium, on_one_database, serving
from tests.identities.conftest import WHO
from webapp.measures.models import Measure


@needs_chromium
@on_one_database
def test_a_name_is_never_kept_in_the_browser_and_is_cleared_with_the_text(
    app: Flask, measure: Measure
) -> None:
    with serving(app) as site, chromium() as browser:
        page = browser.new_context().new_page()
        page.goto(f"{site}/en/stages/5th/measures/1-1/comment")
        page.fill("textarea[name=text]", "Please clear the pavements.")
        page.fill("input[name=person_name]", WHO.name)
        page.fill("input[name=person_contact]", WHO.contact)
        page.locator("main button[value=confirm]").click()  # the address is missing: it comes back

        expect(page.locator("#errors")).to_contain_text("Please enter your address.")
        expect(page.locator("input[name=person_name]")).to_have_value(WHO.name)
        page.wait_for_function("JSON.stringify(localStorage).includes('pavements')")
        kept = str(page.evaluate("JSON.stringify(localStorage)"))

        assert WHO.name not in kept
        assert WHO.contact not in kept

        page.locator("#draft-kept [data-discard]").click()

        expect(page.locator("input[name=person_name]")).to_have_value("")
        expect(page.locator("input[name=person_contact]")).to_have_value("")

"""A real Chromium on a real server, for tests that must see what a person sees."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not there and could not be installed"
)
on_one_database = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
"""What the browser makes of a page is the same on each database, and takes seconds."""
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-renderer-backgrounding",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# 44 pixels high, beyond the 24 of WCAG 2.5.8, which also excepts the links inside a sentence.
_SMALL_TARGETS = """() =>
  [...document.querySelectorAll("a[href], button, summary, input, select, textarea, label")]
  .filter((target) => {
    if (target.closest(".off, .skip, .hidden") || !target.checkVisibility()) return false;
    if (target.matches("[type=radio], [type=checkbox], label:not(:has(input))")) return false;
    const around = target.parentElement.textContent.replace(target.textContent, "").trim();
    if (around && getComputedStyle(target).display === "inline") return false;
    const box = target.getBoundingClientRect();
    return box.height < 43.9 || box.width < 24;
  }).map((small) => `${small.getBoundingClientRect().height}: ${small.outerHTML.slice(0, 120)}`)"""


def small_targets(page: Page) -> list[str]:
    """What a finger would not hit surely: links, buttons and fields that stand for themselves."""
    found: list[str] = page.evaluate(_SMALL_TARGETS)
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve the app on a free port of this machine; yields its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True  # a browser keeps its connections open
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

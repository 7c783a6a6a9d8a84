"""Every page, as each role sees it: axe finds nothing, words are in the page's language, no canary.

One small world is built once; a real Chromium opens every address of it in both languages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import build
from tests.answers import gaps_in
from tests.browser import chromium, needs_chromium, serving, small_targets
from webapp.access import roles_of
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.audit.services import seal
from webapp.citytime import Week, city_day
from webapp.comments.models import Comment
from webapp.comments.queries import published_texts
from webapp.comments.rules import Identity, Publication, Stance, address_digest
from webapp.letters.links import Links, Purpose
from webapp.letters.rules import AuthorKey
from webapp.measures.models import CommentPeriod, Measure, Stage
from webapp.measures.rules import IdentityRequest
from webapp.measures.services import open_period
from webapp.moderation.placing import place_comments
from webapp.moderation.rules import Covered, Findings, FoundFlag, Reason, Verdict
from webapp.moderation.screening import begin_screening, record_screening
from webapp.moderation.services import decide
from webapp.reports.links import ReaderKey, StopLinks
from webapp.reports.services import keep_figures, subscribe
from webapp.responses.rules import Category, Wording
from webapp.responses.services import draft_response, publish_response
from webapp.summaries.drafts import Dropped, sources_digest
from webapp.summaries.editing import Wanted
from webapp.summaries.edits import key_of
from webapp.summaries.models import PointDraft
from webapp.summaries.revisions import documents_of, latest_of
from webapp.summaries.scopes import Scope
from webapp.summaries.services import (
    compile_closing,
    compile_to_date,
    compile_week,
    edit_summary,
)
from webapp.tally.services import count_stage
from webapp.word_list.services import list_word
from worker import words
from worker.analysis.duplicates import Comparing
from worker.analysis.points import compile_points
from worker.reading import read_all

STAFF_LANGUAGES = ("ja", "en")
LANGUAGES = ("ja", "ja-easy", "en")
ADDRESS_PARTS = ("ja", "ja-furigana", "ja-easy", "en")
"""What public pages are opened in: each language, and Japanese with readings too."""
READ = re.compile(r"/ja-furigana/(stages/5th(/measures/1-1(/comment)?|/summary|/answers)?)?")
"""Where the plain form with readings is looked at too: one page of each make."""
NUMBERS = (
    "before",
    "after",
    "revision",
    "period",
    "comment",
    "changed",
    "seen",
    "decided",
    "beyond",
)
"""What addresses ask for by number."""
CANARY = "カナリア秘密の言葉"
AXE = Axe()
NO_PAGES = {
    "letters.kept_letter",
    "archive.file",
    "archive.closing_file",
    "translating.csv_file",
    "translating.xliff_file",
    "sharing.stage",
    "sharing.measure",
}
"""One needs a letter to show; the others are files."""
FEEDS = {"feed.stage"}
"""For programs: their words are a page's, their form is not."""


@pytest.fixture
def stage(session: Session, now: datetime) -> Stage:
    asks = IdentityRequest(
        {"ja": "市内の方か確かめるためです。", "en": "To see your tie to the city."},
        city_day(now + timedelta(days=60)),
    )
    stage = build.stage(session, opens_at=now - timedelta(days=20), identity=asks)
    earlier = now - timedelta(days=80)
    open_period(
        session,
        stage,
        opens_at=earlier,
        closes_at=earlier + timedelta(days=30),
        why_shorter=None,
        by="test",
        now=earlier,
    )
    return stage


@pytest.fixture
def world(session: Session, measure: Measure, moderator: Staff, now: datetime) -> dict[str, object]:
    """Comments published, withheld and waiting, a report of last week, and its subscriber."""
    last_week = now - timedelta(days=7)
    texts = [
        ("歩道の除雪を朝七時までに終えてほしい。", "ja", Publication.PUBLISHED),
        ("Please clear the pavement near the school.", "en", Publication.PUBLISHED),
        (f"{CANARY}を含む、掲載しない意見です。", "ja", Publication.WITHHELD),
        (f"{CANARY}を墨消しして、掲載する意見です。", "ja", Publication.REDACTED),
        (f"{CANARY}を含む、審査を待つ意見です。090-1234-5678", "ja", Publication.WAITING),
    ]
    email = f"{CANARY}@example.jp".encode("idna").decode()
    made: list[Comment] = []
    for text, language, publication in texts:
        comment = build.comment(
            session,
            measure,
            text=text,
            language=language,
            stance=Stance.SUGGEST,
            email=email,
            confirmed=publication is not Publication.WAITING,
            identity=Identity(CANARY, CANARY, CANARY),
            action_code="1-1-1",
            now=now,
            received_at=last_week,
        )
        begin_screening(session, comment.id, now)
        flags = [FoundFlag("phone", len(text) - 13, len(text))] if "090" in text else []
        fingerprint = f"{comment.id:064d}"
        record_screening(session, comment.id, Findings(language, flags, fingerprint, []), now)
        if publication is not Publication.WAITING:
            withheld = publication is Publication.WITHHELD
            redacted = publication is Publication.REDACTED
            verdict = Verdict(
                publication,
                reason=Reason.ABUSE if withheld else None,
                covered=(Covered(0, len(CANARY), Reason.PERSONAL_DATA),) if redacted else (),
            )
            decide(
                session,
                comment.id,
                version=1,
                verdict=verdict,
                moderator_id=moderator.id,
                now=now,
            )
        made.append(comment)
    who = Identity(CANARY, CANARY, CANARY)
    copy = build.comment(session, measure, text=texts[-1][0], now=now, identity=who)
    begin_screening(session, copy.id, now)
    record_screening(session, copy.id, Findings("ja", [], f"{made[-1].id:064d}", []), now)
    place_comments(session, Comparing())
    week = Week.of(last_week)
    subscribe(session, stage_id=measure.stage_id, staff_id=moderator.id, now=last_week)
    compile_week(session, measure.stage_id, week, compile_points, now)
    compile_to_date(session, measure.stage_id, compile_points, now)
    period = session.scalars(select(CommentPeriod).order_by(CommentPeriod.opens_at.desc())).first()
    assert period is not None
    compile_closing(session, period.id, compile_points, period.closes_at)
    summary = latest_of(session, Scope.to_date(measure.stage_id))
    assert summary is not None
    points = documents_of(session, summary, [measure.id])[measure.id].points
    for point, heading in zip(points, ("朝の除雪", ""), strict=False):
        cited = list(point.comments[:1])
        draft = PointDraft(summary_id=summary.id, measure_id=measure.id, point_key=key_of(point))
        draft.asked_by, draft.asked_at, draft.model = moderator.id, now, "a-model"
        draft.heading, draft.sentence, draft.prompt = heading, heading, "Word one point."
        draft.made_at, draft.dropped = (now, None) if heading else (None, Dropped.WORDS)
        draft.comments = json.dumps(cited)
        draft.source = sources_digest(published_texts(session, cited), cited)
        session.add(draft)
    session.commit()
    wanted = Wanted(
        {"ja": "除雪の意見です。", "en": "About snow."}, ["朝の除雪", "", ""], [2, 0, 1]
    )
    edit_summary(session, summary.id, measure.id, wanted, editor_id=moderator.id, now=now)
    read_all(session)
    keep_figures(session, now)
    reader = ReaderKey(measure.stage_id, moderator.id)
    answer = draft_response(
        session,
        measure.id,
        Wording(Category.FOR_LATER, {"ja": "除雪の時刻を早めるよう努めます。"}),
        [made[0].id, made[2].id],
        staff_id=moderator.id,
        now=now,
    )
    publish_response(session, answer.id, version=1, staff_id=moderator.id, now=now)
    count_stage(session, measure.stage_id, now=now)
    list_word(session, "除雪", reason="試験", staff_id=moderator.id, now=now)
    words.sweep(session)
    seal(session)
    links = Links(build.SECRET_KEY)
    key = AuthorKey(made[-1].id, address_digest(email, build.SECRET_KEY))
    return {
        "letters.confirm": links.token(Purpose.CONFIRM, key),
        "reports.stop": StopLinks(build.SECRET_KEY).token(reader),
        "letters.stop": links.token(Purpose.STOP, key),
        "number": 1,
        "stage": "5th",
        "code": "1-1",
        "week": str(week),
        "comment_id": made[-1].id,
        "delivery_id": 1,
        "period_id": period.id,
        "summary_id": summary.id,
        "campaign_id": 1,
        "response_id": answer.id,
        "target": "en",
        "text_id": measure.text_id,
        "key": "none",
    }


def addresses(
    app: Flask, world: dict[str, object], *, feeds: bool = False
) -> Iterator[tuple[str, frozenset[Role]]]:
    """Every page that can be opened, filled in with the small world, and feeds where wanted."""
    left_out = NO_PAGES if feeds else NO_PAGES | FEEDS
    urls = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        opens = "GET" in (rule.methods or ()) and "lang" in rule.arguments
        is_file = rule.rule.endswith(".csv")
        if not opens or is_file or rule.endpoint in left_out:
            continue
        roles = roles_of(app.view_functions[rule.endpoint]) or frozenset()
        for lang in STAFF_LANGUAGES if roles else ADDRESS_PARTS:
            known = {**world, "token": world.get(rule.endpoint)}
            values = {name: known[name] for name in rule.arguments if name != "lang"}
            yield urls.build(rule.endpoint, {**values, "lang": lang}), roles
    for lang in ADDRESS_PARTS:
        yield f"/{lang}/nowhere", frozenset()


def sign_in(page: Page, site: str, staff: Staff) -> None:
    page.goto(f"{site}/en/sign-in")
    page.fill("input[name=email]", staff.email)
    page.fill("input[name=password]", build.PASSWORD)
    page.locator("main").get_by_role("button").click()


def faults(page: Page) -> list[str]:
    """What axe finds, WCAG 2.2 AA and best practices."""
    found = AXE.run(page).response["violations"]
    return [f"{fault['id']}: {node['html'][:120]}" for fault in found for node in fault["nodes"]]


def japanese_outside_its_mark(page: Page) -> str:
    """Japanese words of an English page that no element marks as Japanese."""
    text: str = page.evaluate(
        """() => { const copy = document.documentElement.cloneNode(true);
        copy.querySelectorAll('[lang]:not(html):not([lang^=en]), script, style')
            .forEach(e => e.remove());
        return copy.textContent; }"""
    )
    return "".join(re.findall(r"[぀-ヿ一-鿿]+", text))


@needs_chromium
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_axe_finds_nothing_and_everything_fits_window_and_finger(
    app: Flask, session: Session, world: dict[str, object], width: int, scheme: str
) -> None:
    people = {role: build.staff(session, role) for role in Role}
    with serving(app) as site, chromium() as browser:
        pages: dict[Role | None, Page] = {}
        for role in (None, *Role):
            context = browser.new_context(
                viewport={"width": width, "height": 900},
                color_scheme=scheme,  # type: ignore[arg-type]  # one of the two words above
            )
            pages[role] = context.new_page()
            if role:
                sign_in(pages[role], site, people[role])
        for address, roles in addresses(app, world):
            form = address.split("/")[1]
            if form == "ja-furigana" and (width > 390 or not READ.fullmatch(address)):
                continue  # easy Japanese in the narrow window has readings, and more letters
            if form == "ja-easy" and width > 390:
                continue
            page = pages[min(roles) if roles else None]
            page.bring_to_front()
            page.goto(site + address)
            lang = address.split("/")[1]

            assert faults(page) == [], address
            assert page.locator("html").get_attribute("lang") == lang.split("-")[0], address
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            if not roles and width == 390:
                assert small_targets(page) == [], address
            if lang == "en":
                assert japanese_outside_its_mark(page) == "", address


def test_nothing_unpublished_and_nothing_personal_stands_on_a_public_page(
    app: Flask, world: dict[str, object]
) -> None:
    client = app.test_client()
    seen = 0
    for address, roles in addresses(app, world, feeds=True):
        if not roles:
            page = client.get(address).get_data(as_text=True)
            seen += "除雪を朝七時" in page

            assert CANARY not in page, address
            assert "090-1234" not in page, address
    assert seen >= 2  # the canary would have been seen where its neighbours are


def test_no_space_stands_between_two_japanese_sentences(
    app: Flask, world: dict[str, object]
) -> None:
    client = app.test_client()
    for address, roles in addresses(app, world):
        if not roles and address.startswith("/ja"):
            assert gaps_in(client.get(address).get_data(as_text=True)) == [], address


def test_each_page_leads_to_itself_in_the_other_languages(
    app: Flask, world: dict[str, object]
) -> None:
    client = app.test_client()
    for address, roles in addresses(app, world):
        if roles or address.endswith("nowhere"):
            continue
        lang, rest = address.split("/")[1], address.split("/", 2)[2]
        page = client.get(address).get_data(as_text=True)
        for other in LANGUAGES:
            tag = {"ja-easy": "ja-x-easy"}.get(other, other)
            link = f'hreflang="{tag}" href="http://localhost/{other}/{rest}"'

            assert link in page, (lang, address)


QUERIES = (
    "endpoint=1&_scheme=x&_method=a&_anchor=a&_external=1&values=1&page=%00%ff%ED",
    "&".join(f"{name}=99999999999999999999" for name in NUMBERS),
    "&".join(f"{name}=-99999999999999999999" for name in NUMBERS),
)


def test_no_query_breaks_a_page_or_leads_out_of_the_house(
    app: Flask, session: Session, world: dict[str, object]
) -> None:
    clients = {role: app.test_client() for role in (None, *Role)}
    for role in Role:
        staff = build.staff(session, role)
        typed = {"email": staff.email, "password": build.PASSWORD}
        assert clients[role].post("/en/sign-in", data=typed).status_code == 302
    for address, roles in addresses(app, world, feeds=True):
        if not address.startswith("/en"):
            continue
        client = clients[min(roles) if roles else None]
        for query in QUERIES:
            at = f"{address}?{query}"
            page = client.get(at, headers={"Host": "localhost:81"})

            assert page.status_code < 500, at
            assert "localhost:81" not in page.text, at


def test_pictures_of_the_house_are_its_own(app: Flask) -> None:
    static = Path(app.static_folder or "")

    assert {path.suffix for path in static.iterdir()} <= {".css", ".js", ".svg"}

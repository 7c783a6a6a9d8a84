"""The feed of a stage: well-formed Atom of what anyone may read, in each form of a language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

import pytest
import time_machine
from defusedxml.ElementTree import fromstring
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests import build
from tests.interpreting.conftest import covering
from webapp.accounts.rules import Role
from webapp.citytime import Week
from webapp.comments.models import Comment
from webapp.comments.rules import COVER, Publication
from webapp.feed.rules import MOST_COMMENTS
from webapp.measures.models import Measure, Stage
from webapp.moderation.rules import Reason, Verdict
from webapp.receipts.services import withdraw
from webapp.responses.rules import Category, Wording
from webapp.responses.services import draft_response, publish_response
from webapp.summaries.services import compile_closing, compile_week
from worker.analysis.points import compile_points
from worker.reading import read_all

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
FEED = "/en/stages/5th/feed"
JA = "歩道の除雪を早くしてほしい。"


def read(client: FlaskClient, address: str = FEED) -> Element:
    """The feed, which has all that RFC 4287 (4.1) asks for."""
    response = client.get(address)
    assert response.status_code == 200
    assert response.mimetype == "application/atom+xml"
    feed: Element = fromstring(response.data)
    entries = feed.findall(f"{ATOM}entry")
    for part in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(part.findall(ATOM + name)) == 1, name
            assert part.findtext(ATOM + name)
        assert datetime.fromisoformat(part.findtext(f"{ATOM}updated") or "").tzinfo
        assert len(part.findall(f"{ATOM}link[@rel='alternate']")) == 1
        assert all(link.get("href", "").startswith("http://localhost/") for link in part.iter(LINK))
    ids = [part.findtext(f"{ATOM}id") for part in (feed, *entries)]
    updates = [entry.findtext(f"{ATOM}updated") or "" for entry in entries]
    assert len(set(ids)) == len(ids)
    assert updates == sorted(updates, reverse=True)
    assert updates[:1] in ([], [feed.findtext(f"{ATOM}updated")])
    return feed


LINK = f"{ATOM}link"


def kinds(feed: Element) -> dict[str, Element]:
    """The entries by the last two parts of their names, like comment/12."""
    entries = feed.findall(f"{ATOM}entry")
    return {"/".join((e.findtext(f"{ATOM}id") or "").split("/")[-2:]): e for e in entries}


def passages(entry: Element) -> list[tuple[str | None, str]]:
    content = entry.find(f"{ATOM}content")
    assert content is not None
    return [(p.get(LANG), "".join(p.itertext())) for p in content.iter() if p.tag.endswith("}p")]


def test_a_feed_has_periods_comments_answers_and_reports_each_with_a_link_that_leads_there(
    app: Flask,
    session: Session,
    stage: Stage,
    measure: Measure,
    publish: Callable[..., Comment],
    now: datetime,
) -> None:
    comment = publish(JA)
    official = build.staff(session, Role.OFFICIAL)
    words = Wording(Category.FOR_LATER, {"ja": "来年度から始めます。"})
    facts = {"staff_id": official.id, "now": now}
    answer = draft_response(session, measure.id, words, [comment.id], **facts)
    publish_response(session, answer.id, version=1, **facts)
    later = Week.of(now).ends_at + timedelta(days=40)
    with time_machine.travel(later):
        compile_week(session, stage.id, Week.of(now), compile_points, later)
        compile_closing(session, comment.period_id, compile_points, later)
        client = app.test_client()
        for form in ("ja", "ja-furigana", "ja-easy", "ja-easy-plain", "en"):
            found = kinds(read(client, f"/{form}/stages/5th/feed"))
            for name, entry in found.items():
                link = entry.find(LINK)
                assert link is not None
                address = link.get("href", "").removeprefix("http://localhost")

                assert address.startswith(f"/{form}/"), name
                assert client.get(address).status_code == 200, address
    period = comment.period_id

    assert set(found) == {
        f"opened/{period}",
        f"closed/{period}",
        f"comment/{comment.id}",
        f"answer/{answer.id}",
        f"report/{Week.of(now)}",
        f"summary/{period}",
    }
    assert passages(found[f"comment/{comment.id}"]) == [("ja", JA)]
    assert passages(found[f"answer/{answer.id}"])[-1] == ("ja", "来年度から始めます。")


def test_what_changes_at_the_desk_changes_the_feed_at_once_and_nothing_else_does(
    client: FlaskClient,
    session: Session,
    publish: Callable[..., Comment],
    decide_on: Callable[[Comment, Verdict], None],
    now: datetime,
) -> None:
    covered, withheld, withdrawn = publish(JA), publish("図書館の意見です。"), publish("柵の意見。")
    first = client.get(FEED)
    known = {"If-None-Match": first.headers["ETag"]}
    kept = kinds(read(client))

    assert client.get(FEED, headers=known).status_code == 304
    assert {f"comment/{c.id}" for c in (covered, withheld, withdrawn)} < set(kept)

    decide_on(covered, covering(JA, "除雪"))
    decide_on(withheld, Verdict(Publication.WITHHELD, reason=Reason.ABUSE))
    session.refresh(withdrawn)
    withdraw(session, withdrawn.id, version=withdrawn.version, now=now)
    second = client.get(FEED, headers=known)
    left = kinds(read(client))

    assert second.status_code == 200
    assert set(left) == set(kept) - {f"comment/{withheld.id}", f"comment/{withdrawn.id}"}
    assert passages(left[f"comment/{covered.id}"]) == [("ja", JA.replace("除雪", COVER))]
    assert "図書館の意見" not in second.text


def test_a_translation_stands_below_the_original_under_its_label(
    client: FlaskClient, publish: Callable[..., Comment], translate: Callable[..., None]
) -> None:
    comment = publish(JA)
    translate(comment, "Clear the pavements sooner.")
    entry = kinds(read(client))[f"comment/{comment.id}"]

    assert read(client).get(LANG) == "en"
    assert passages(entry) == [
        ("ja", JA),
        (None, "Translated by staff"),
        ("en", "Clear the pavements sooner."),
    ]
    japanese = kinds(read(client, FEED.replace("/en/", "/ja/")))[f"comment/{comment.id}"]
    assert passages(japanese) == [("ja", JA)]
    assert entry.findtext(f"{ATOM}id") != japanese.findtext(f"{ATOM}id")


@pytest.mark.parametrize("text", ["<b>&amp;]]></b>\n\u200f\ufffe\uffff \U0001f9a2", "雪" * 4_000])
def test_any_text_makes_a_well_formed_and_bounded_feed(
    client: FlaskClient, publish: Callable[..., Comment], text: str
) -> None:
    comment = publish(text)
    ((_, said),) = passages(kinds(read(client))[f"comment/{comment.id}"])

    assert said[:3] == text[:3]
    assert len(said) <= 1_001


def test_many_comments_push_nothing_else_out(
    client: FlaskClient, stage: Stage, publish: Callable[..., Comment]
) -> None:
    made = [publish(f"{number}番目の意見です。") for number in range(MOST_COMMENTS + 2)]
    found = kinds(read(client))

    assert f"comment/{made[-1].id}" in found
    assert f"comment/{made[1].id}" not in found
    assert len(found) == MOST_COMMENTS + 1  # and the opening of the period


def test_pages_of_a_stage_lead_to_its_feed_and_its_furigana_feed_has_no_readings(
    client: FlaskClient, session: Session, measure: Measure, publish: Callable[..., Comment]
) -> None:
    publish(JA)
    read_all(session)
    for address in ("/ja-furigana/stages/5th", "/ja-furigana/stages/5th/measures/1-1"):
        head = client.get(address).text.split("</head>")[0]
        assert 'type="application/atom+xml"' in head
        assert 'href="/ja-furigana/stages/5th/feed"' in head
    feed = client.get("/ja-furigana/stages/5th/feed").text

    assert "<ruby" not in feed
    assert not {"\ufdd0", "\ufdd1", "\ufdd2"} & set(feed)
    assert "冬の道路を安全にします。" in feed


def test_a_stage_that_is_not_there_has_no_feed(client: FlaskClient, stage: Stage) -> None:
    assert client.get("/en/stages/none/feed").status_code == 404

"""What other sites show beside a link: words and a picture in the language of the page."""

from __future__ import annotations

import io
import struct
from datetime import datetime, timedelta

import markupever
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageChops
from sqlalchemy.orm import Session

from webapp.demonstration import PROGRAMME
from webapp.measures.forms import read_programme
from webapp.measures.models import Measure
from webapp.measures.queries import stage_by_slug
from webapp.measures.services import load_programme, open_period, turn_edition
from webapp.sharing import poster
from worker.reading import read_all

MEASURE = "stages/5th/measures/1-1"


def shared(client: FlaskClient, address: str) -> dict[str, str]:
    """What the head of a page says of itself, by property."""
    page = markupever.parse(client.get(address).text, markupever.HtmlOptions())
    metas = [{key.local: said for key, said in meta.attrs.items()} for meta in page.select("meta")]
    return {m.get("property") or m.get("name", ""): m.get("content", "") for m in metas}


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    wide, high = struct.unpack(">II", png[16:24])
    return wide, high


@pytest.mark.parametrize(
    ("form", "picture", "locale", "title", "site"),
    [
        ("ja", "ja", "ja_JP", "冬の道路を安全にします。", "苫小牧市の意見募集"),
        ("ja-furigana", "ja", "ja_JP", "冬の道路を安全にします。", "苫小牧市の意見募集"),
        ("ja-easy", "ja-easy", "ja_JP", "冬の道路を安全にします。", "苫小牧市 みんなの意見"),
        ("en", "en", "en_US", "We make the roads safe in winter.", "Tomakomai public comments"),
    ],
)
def test_a_page_says_in_its_language_what_to_show_beside_a_link(
    client: FlaskClient,
    session: Session,
    measure: Measure,
    form: str,
    picture: str,
    locale: str,
    title: str,
    site: str,
) -> None:
    read_all(session)
    said = shared(client, f"/{form}/{MEASURE}")

    assert said["og:title"] == f"1-1 {title}"
    assert said["og:image"] == f"http://localhost/{picture}/{MEASURE}/picture.png"
    assert said["og:url"].endswith(f"/{MEASURE}")
    assert said["og:site_name"] == site
    assert said["og:locale"] == locale
    assert said["og:locale:alternate"] == {"ja_JP": "en_US", "en_US": "ja_JP"}[locale]
    assert said["twitter:card"] == "summary_large_image"
    assert said["og:description"] == said["description"] != ""
    assert title in said["og:image:alt"]
    assert str(datetime.now().year) in said["og:image:alt"]  # noqa: DTZ005 -- of the period
    assert not {"\ufdd0", "\ufdd1", "\ufdd2", "<"} & set("".join(said.values()))
    assert shared(client, f"/{form}/stages/5th")["og:image"].endswith("/stages/5th/picture.png")


def test_a_picture_is_drawn_once_whatever_is_published_meanwhile(
    app: Flask, session: Session, measure: Measure
) -> None:
    poster._drawn.cache_clear()
    client = app.test_client()
    first = client.get(f"/en/{MEASURE}/picture.png")
    turn_edition(session)
    session.commit()
    second = client.get(f"/en/{MEASURE}/picture.png?x=1")

    assert first.mimetype == "image/png"
    assert size(first.data) == (1200, 630)
    assert first.headers["ETag"] == second.headers["ETag"]
    assert first.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert poster._drawn.cache_info().misses == 1
    assert poster._drawn.cache_info().maxsize == poster.MOST_KEPT
    assert client.get(f"/ja/{MEASURE}/picture.png").data != first.data
    assert client.get("/en/stages/5th/picture.png").data != first.data
    for nowhere in ("stages/5th/measures/9-9", "stages/5th/measures/1-1-1", "stages/none"):
        assert client.get(f"/en/{nowhere}/picture.png").status_code == 404


def ink(png: bytes) -> tuple[tuple[int, int, int, int], int]:
    """Where there is ink right of the coloured edge; and how many white rows above the warning."""
    picture = Image.open(io.BytesIO(png)).convert("RGB").crop((30, 0, 1200, 630))
    box = ImageChops.difference(picture, Image.new("RGB", picture.size, "white")).getbbox()
    assert box is not None
    red = ImageChops.difference(picture, Image.new("RGB", picture.size, "#8b3200")).convert("L")
    warning = red.point(lambda value: 255 if value == 0 else 0).getbbox()
    assert warning is not None
    above = picture.crop((0, 0, picture.width, warning[1] - 4))  # its letters are soft
    inked = ImageChops.difference(above, Image.new("RGB", above.size, "white")).getbbox()
    assert inked is not None
    return box, warning[1] - inked[3]


def test_every_poster_of_the_programme_has_room_for_its_words(
    app: Flask, session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_programme(session, read_programme(PROGRAMME), by="test", now=now)
    stage = stage_by_slug(session, "5th")
    assert stage is not None
    open_period(
        session,
        stage,
        opens_at=now,
        closes_at=now + timedelta(days=30),
        why_shorter=None,
        by="test",
        now=now,
    )
    monkeypatch.setitem(app.config, "DEMONSTRATION", True)
    client = app.test_client()
    measures = [f"/measures/{pillar}-{measure}" for pillar in "12345" for measure in "12345"]
    for lang in ("ja", "ja-easy", "en"):
        for place in ("", *measures):
            address = f"/{lang}/stages/5th{place}/picture.png"
            (left, top, right, bottom), gap = ink(client.get(address).data)

            assert left >= 50, address
            assert top >= 40, address
            assert right <= 1170 - 50, address
            assert bottom <= 630 - 40, address
            assert gap >= 10, address


@pytest.mark.parametrize("title", ["", "雪" * 2_000, "unbreakable" * 40, "#panic() \\ $x$ <a>"])
def test_any_title_makes_a_picture(title: str) -> None:
    made = poster.Poster("ja", "市", "段階", "1-1", title, "", "1", "")

    assert size(poster.painted(made)) == (1200, 630)

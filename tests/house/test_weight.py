"""Pages stay light: the style sheet at most 20 KB, a measure page under 60 KB in all."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.rules import Publication

STATIC = Path(__file__).parents[2] / "webapp" / "static"


def test_the_style_sheet_is_at_most_twenty_kilobytes() -> None:
    assert (STATIC / "site.css").stat().st_size <= 20 * 1024


def test_a_full_measure_page_with_all_it_loads_is_under_sixty_kilobytes(
    client: FlaskClient, make_comment: Callable[..., Comment], session: Session
) -> None:
    for number in range(30):
        make_comment(f"{number}番目の意見です。" + "歩道の除雪を早くしてほしいです。" * 12)
    session.execute(
        update(Comment).values(
            publication=Publication.PUBLISHED,
            published_text=Comment.text,
            published_at=Comment.received_at,
        )
    )
    session.commit()
    page = client.get("/ja/stages/5th/measures/1-1").get_data(as_text=True)
    loaded = set(re.findall(r'(?:href|src)="/static/([a-z.]+)', page))
    weight = len(page.encode()) + sum((STATIC / name).stat().st_size for name in loaded)

    assert page.count('<article class="comment"') == 25
    assert "site.css" in loaded
    assert weight < 60 * 1024

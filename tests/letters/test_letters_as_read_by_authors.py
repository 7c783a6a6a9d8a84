"""Each letter to an author as it is read, in both languages; the files beside this one show it."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.snapshots import check
from webapp.citytime import Week
from webapp.letters.rules import AuthorKey, Letter
from webapp.measures.queries import Line, Words
from webapp.measures.rules import EntryKind
from webapp.writing import write

FOLDER = Path(__file__).parent / "letters"
MOMENT = Week(2026, 47).starts_at
TEXT = "歩道の除雪を朝七時までに終えてほしい。道が狭くて、子どもが車道を歩きます。\n\nよろしく。"
TITLES = {"ja": "冬の道路を安全にします。", "en": "We make the roads safe in winter."}
FACTS = {
    "received": {"text": TEXT, "language": "ja", "confirmed": False},
    "withdrawn": {"withdrawn_at": MOMENT},
    "decision": {
        "comment_id": 1,
        "published": False,
        "counts": True,
        "again": True,
        "reason": "…",
        "note": TEXT,
        "decided_at": MOMENT,
    },
}


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("template", sorted(FACTS))
def test_a_letter_to_an_author_as_read(app: Flask, template: str, lang: str) -> None:
    facts = {
        "number": "7K3M-2Q9D",
        "stage": "5th",
        "measure": Line(1, EntryKind.MEASURE, "1-1", Words(TITLES[lang], lang)),
        "received_at": MOMENT,
        **FACTS[template],
    }
    key = AuthorKey(1, "digest")
    with app.app_context():
        message = write(Letter("author@example.jp", lang, template, facts, key), "<1@x.example>")

    check(message, FOLDER, f"{template}.{lang}")

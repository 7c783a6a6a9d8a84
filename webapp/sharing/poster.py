"""What stands on the picture of a stage or measure, and the picture itself."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import typst
from flask import current_app
from flask_babel import format_date
from flask_babel import gettext as _

from webapp.catalogues import tag
from webapp.citytime import last_day
from webapp.i18n import chosen_language
from webapp.measures.queries import Line, StageOutline
from webapp.receipts.sheet import BadSheet, fonts, japanese_font, typst_tag

TEMPLATE = Path(__file__).with_name("poster.typ")
MARK = Path(__file__).parents[1] / "static" / "favicon.svg"
WIDTH, HEIGHT = 1200, 630
"""Pixels, as Open Graph pictures have them; poster.typ draws one point for each."""
MOST_KEPT = 128
"""Posters in one process, some 100 KB each: a stage and its measures in every language."""
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Poster:
    """The words of a picture, in the language `lang`. `pillar` is the code that gives its colour.

    A stage has no `code`; without a comment period there is no `period`.
    """

    lang: str
    site: str
    stage: str
    code: str
    title: str
    period: str
    pillar: str
    warning: str

    @property
    def in_words(self) -> str:
        """All that stands on it, for who does not see it."""
        title = f"{self.code} {self.title}".strip()
        return " / ".join(filter(None, (title, self.stage, self.period, self.site, self.warning)))


def poster_of(outline: StageOutline, measure: Line | None = None) -> Poster:
    """The poster of a measure, or of the stage, in the language of the page."""
    path = outline.path_to(measure.code) if measure else ()
    return Poster(
        lang=tag(chosen_language()),
        site=_("Tomakomai public comments"),
        stage=outline.title.body if measure else "",
        code=measure.code if measure else "",
        title=measure.words.body if measure else outline.title.body,
        period=_period(outline),
        pillar=path[0].code if path else "",
        warning=_("Demonstration: the city does not receive comments")
        if current_app.config["DEMONSTRATION"]
        else "",
    )


def _period(outline: StageOutline) -> str:
    if outline.opens_at is None or outline.closes_at is None:
        return ""
    last = last_day(outline.closes_at) or outline.closes_at
    opens, closes = (str(format_date(day, "long")) for day in (outline.opens_at, last))
    return str(_("Comments: %(opens)s to %(closes)s", opens=opens, closes=closes))


def painted(poster: Poster) -> bytes:
    """The poster as PNG. One is drawn at a time, and each once.

    Raises receipts.sheet.NoJapaneseFont and BadSheet.
    """
    with _one_at_a_time:
        return _drawn(poster)


@lru_cache(maxsize=MOST_KEPT)
def _drawn(poster: Poster) -> bytes:
    data = {**asdict(poster), "lang": typst_tag(poster.lang), "font": japanese_font()}
    compiler = typst.Compiler(TEMPLATE.read_bytes(), font_paths=fonts())
    inputs = {"data": json.dumps(data), "mark": MARK.read_text(encoding="utf-8")}
    png, warnings = compiler.compile_with_warnings(format="png", ppi=72, sys_inputs=inputs)
    if warnings or not isinstance(png, bytes):
        raise BadSheet("; ".join(warning.message for warning in warnings))
    return png

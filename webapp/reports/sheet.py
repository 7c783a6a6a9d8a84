"""A report as a tagged PDF: made in memory from data, none of which is markup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from webapp.i18n import city_datetime
from webapp.interpreting.forms import beside
from webapp.receipts.sheet import typst_tag, written
from webapp.reports.charts import charts_of
from webapp.reports.report import Part, Report
from webapp.reports.said import answers, comments, comments_by, drafted, received
from webapp.summaries.shown import ShownPoint

TEMPLATE = Path(__file__).with_name("sheet.typ")


def report_sheet(report: Report) -> bytes:
    """The whole report, in the language of the moment.

    Raises receipts.sheet.NoJapaneseFont and BadSheet.
    """
    lang = str(get_locale()).replace("_", "-")
    return written(
        {
            "lang": typst_tag(lang),
            "region": {"ja": "jp", "en": "gb"}.get(lang),
            "site": _("Tomakomai public comments"),
            "title": _("Weekly report %(week)s", week=report.week),
            "stage": report.stage.title.body,
            "answers": [(line.question, line.answer) for line in answers(report)],
            "numbers": _("In numbers"),
            "charts": [
                {
                    "title": chart.title,
                    "rows": [(name, number, chart.share(number)) for name, number in chart.rows],
                }
                for chart in charts_of(report)
            ],
            "heads": [_("Kind"), _("Comments")],
            "parts": list(_parts(report, report.parts, level=2)),
            "compiled": _(
                "Compiled on %(moment)s (Japan time), revision %(revision)s. "
                "All quotations are the authors' own words.",
                moment=city_datetime(report.compiled_at),
                revision=report.revision,
            ),
            "incomplete": _("This sheet cannot show a few of the characters in the texts."),
            "foot": _("Tomakoe: what Tomakomai means to do, and what people say about it"),
        },
        TEMPLATE,
    )


def _parts(report: Report, parts: tuple[Part, ...], level: int) -> Iterator[Mapping[str, object]]:
    for part in parts:
        counts, section = part.counts, part.section
        others = section.others if section else 0
        yield {
            "level": level,
            "title": f"{part.line.code} {part.line.words.body}",
            "lang": typst_tag(part.line.words.lang),
            "standing": _(
                "%(comments)s: %(published)s published, %(withheld)s withheld, %(waiting)s waiting",
                comments=received(counts),
                published=counts.published,
                withheld=counts.withheld,
                waiting=counts.waiting,
            ),
            "points": [_point(report, point) for point in section.points] if section else [],
            "others": _("Other opinions: %(comments)s", comments=comments(others))
            if others
            else "",
        }
        yield from _parts(report, part.parts, level + 1)


def _point(report: Report, point: ShownPoint) -> Mapping[str, object]:
    return {
        "heading": point.heading,
        "lang": typst_tag(point.language),
        "size": _(", ").join(
            filter(None, (comments_by(point.comments, point.people), drafted(point)))
        ),
        "quotes": [
            {
                "text": quote.text,
                "lang": typst_tag(quote.language),
                "translation": beside(report.translations, quote.comment, quote.text),
                "source": _("From comment No. %(number)s", number=quote.comment),
            }
            for quote in point.quotes
        ],
        "note": _note(point),
    }


def _note(point: ShownPoint) -> str:
    if point.gone:
        return str(
            ngettext(
                "%(num)s quotation is no longer published.",
                "%(num)s quotations are no longer published.",
                point.gone,
            )
        )
    return "" if point.quotes else str(_("The texts behind this point are not published."))

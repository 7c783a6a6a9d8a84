"""The closing report of a comment period as a file: PDF, XLSX, CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from flask_babel import get_locale
from flask_babel import gettext as _

from webapp.citytime import TOKYO
from webapp.i18n import city_datetime
from webapp.letters.rules import File
from webapp.receipts.sheet import typst_tag, written
from webapp.reports.closing import ClosingReport, number_rows, opinion_rows, translation_of
from webapp.reports.files import KINDS, csv_of, workbook_of
from webapp.reports.rules import Attachment

TEMPLATE = Path(__file__).with_name("closing.typ")


def closing_file(report: ClosingReport, kind: str) -> File:
    """The report as a file in the language of the moment, named after stage and period."""
    makers: Mapping[Attachment, Callable[[ClosingReport], bytes]] = {
        Attachment.PDF: closing_sheet,
        Attachment.XLSX: _workbook,
        Attachment.CSV: lambda report: csv_of(opinion_rows(report)),
    }
    name = f"{report.stage.slug}-closing-{report.number}.{kind}"
    return File(name, KINDS[Attachment(kind)], makers[Attachment(kind)](report))


def _workbook(report: ClosingReport) -> bytes:
    made_at = report.closes_at.astimezone(TOKYO).replace(tzinfo=None)
    sheets = {_("Numbers"): number_rows(report), _("Opinions"): opinion_rows(report)}
    return workbook_of(sheets, title=f"{report.stage.slug} {report.number}", made_at=made_at)


def closing_sheet(report: ClosingReport) -> bytes:
    """The report as a tagged PDF. Raises receipts.sheet.NoJapaneseFont and BadSheet."""
    lang = str(get_locale()).replace("_", "-")
    numbers = [[str(cell) for cell in row] for row in number_rows(report)]
    return written(
        {
            "lang": typst_tag(lang),
            "region": {"ja": "jp", "en": "gb"}.get(lang),
            "site": _("Tomakomai public comments"),
            "title": _("Result of the call for comments"),
            "stage": report.stage.title.body,
            "period": _(
                "Comments were taken from %(opens)s to %(closes)s (Japan time).",
                opens=city_datetime(report.opens_at),
                closes=city_datetime(report.closes_at),
            ),
            "numbers_title": _("In numbers"),
            "numbers": numbers,
            "opinions_title": _("Opinions and the city's answers"),
            "heads": [_("No."), _("Opinion"), _("The city's answer")],
            "opinions": [
                {
                    "number": str(opinion.number),
                    "code": opinion.measure.code,
                    "text": opinion.text if opinion.text is not None else _("(not published)"),
                    "lang": typst_tag(opinion.language if opinion.text is not None else lang),
                    "translation": translation_of(report, opinion),
                    "category": opinion.category or "",
                    "answer": opinion.answer or "",
                }
                for opinion in report.opinions
            ],
            "none": _("No opinion was sent."),
            "incomplete": _("This sheet cannot show a few of the characters in the texts."),
            "foot": _("Tomakoe: what Tomakomai means to do, and what people say about it"),
        },
        TEMPLATE,
    )

"""A report as a file: PDF to print, XLSX and CSV to count on. Made in memory, stored nowhere."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from webapp.citytime import TOKYO
from webapp.csv_file import csv_lines
from webapp.letters.rules import File
from webapp.reports.charts import charts_of
from webapp.reports.report import Report
from webapp.reports.rules import Attachment
from webapp.reports.sheet import report_sheet
from webapp.reports.tables import Cell, measure_rows, point_rows, total_rows

KINDS: Mapping[Attachment, str] = {
    Attachment.PDF: "application/pdf",
    Attachment.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Attachment.CSV: "text/csv",
}
WIDEST = 60
"""Columns that a spreadsheet's cell is shown with; longer texts wrap."""


def file_of(report: Report, kind: str) -> File:
    """The report as a file in the language of the moment, named after stage and week."""
    kind = Attachment(kind)
    makers: Mapping[Attachment, Callable[[Report], bytes]] = {
        Attachment.PDF: report_sheet,
        Attachment.XLSX: as_workbook,
        Attachment.CSV: as_csv,
    }
    name = f"{report.stage.slug}-{report.week}.{kind.value}"
    return File(name, KINDS[kind], makers[kind](report))


def as_csv(report: Report) -> bytes:
    """The numbers of each measure, with the mark by which spreadsheets know UTF-8."""
    return csv_of(measure_rows(report))


def as_workbook(report: Report) -> bytes:
    """Four sheets: all in numbers, numbers of measures, points with their quotations, charts."""
    charts: list[list[Cell]] = [[_("Chart"), _("Kind"), _("Comments")]]
    for chart in charts_of(report):
        charts += [[chart.title, name, number] for name, number in chart.rows]
    sheets = {
        _("Numbers"): total_rows(report.counts),
        _("Measures"): measure_rows(report),
        _("Points"): point_rows(report),
        _("Charts"): charts,
    }
    made_at = report.compiled_at.astimezone(TOKYO).replace(tzinfo=None)
    return workbook_of(sheets, title=f"{report.stage.slug} {report.week}", made_at=made_at)


def csv_of(rows: Iterable[Iterable[Cell]]) -> bytes:
    return "".join(csv_lines(rows)).encode()


def workbook_of(
    sheets: Mapping[str, Iterable[Iterable[Cell]]], *, title: str, made_at: object
) -> bytes:
    """A workbook in which every text is a text: no cell starts a formula or a link."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    book.set_properties({"title": title, "created": made_at})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"text_wrap": True, "valign": "top", "bold": True})
    for name, rows in sheets.items():
        _fill(book.add_worksheet(name), rows, plain, bold)
    book.close()
    return content.getvalue()


def _fill(page: Any, rows: Iterable[Iterable[Cell]], plain: object, bold: object) -> None:
    widths: dict[int, int] = {}
    for number, row in enumerate(rows):
        look = plain if number else bold
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                page.write_string(number, place, cell, look)
                widths[place] = max(widths.get(place, 8), min(len(cell) * 2, WIDEST))
            else:
                page.write_number(number, place, cell, look)
    page.freeze_panes(1, 0)
    for place, width in widths.items():
        page.set_column(place, place, width)

"""The form on which somebody says how the weekly report is wanted."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.form import HouseForm
from webapp.measures.queries import StageOutline
from webapp.measures.rules import EntryKind
from webapp.reports.rules import WEEKDAYS, Attachment, Wishes

FILES = {
    Attachment.PDF: _l("PDF, to print"),
    Attachment.XLSX: _l("Excel file (XLSX)"),
    Attachment.CSV: _l("CSV file"),
}


def weekday_name(weekday: int) -> str:
    """The name of a day in the reader's language; 1 is Monday."""
    return str(get_locale().days["format"]["wide"][weekday - 1])


class Ticks(SelectMultipleField):
    """Any number of boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SubscriptionForm(HouseForm):
    lang = RadioField(_l("Language of the letter"))
    weekday = SelectField(_l("Day of the week"), coerce=int)
    attachments = Ticks(
        _l("Files attached to the letter"),
        choices=[SelectChoice(f.value, n) for f, n in FILES.items()],
    )
    entries = Ticks(_l("What the letter is about"), coerce=int)

    def __init__(self, formdata: Any, stage: StageOutline, languages: dict[str, str], **data: Any):
        super().__init__(formdata, **data)
        self.lang.choices = [SelectChoice(*language) for language in languages.items()]
        self.weekday.choices = [SelectChoice(day, weekday_name(day)) for day in WEEKDAYS]
        self.entries.choices = [
            SelectChoice(line.id, f"{line.code} {line.words.body}")
            for line in stage.walk()
            if line.kind is not EntryKind.ACTION
        ]

    def wishes(self) -> Wishes:
        """What was ticked, for the use case."""
        return Wishes(
            lang=self.lang.data,
            weekday=self.weekday.data,
            attachments=tuple(Attachment(name) for name in self.attachments.data or ()),
            entries=frozenset(self.entries.data or ()),
        )


def as_data(wishes: Wishes) -> dict[str, object]:
    """The form filled in with what somebody wished for before."""
    return {
        "lang": wishes.lang,
        "weekday": wishes.weekday,
        "attachments": [file.value for file in wishes.attachments],
        "entries": sorted(wishes.entries),
    }


def said_in_words(wishes: Wishes, stage: StageOutline) -> list[str]:
    """A subscription in a few words: the day, what it is about, the files."""
    lines = [line for line in stage.walk() if line.id in wishes.entries]
    about = ", ".join(line.code for line in lines)
    files = ", ".join(file.value.upper() for file in wishes.attachments)
    return [
        _("Every %(weekday)s", weekday=weekday_name(wishes.weekday)),
        _("About %(codes)s", codes=about) if lines else _("About the whole stage"),
        _("With %(files)s", files=files) if files else _("Without files"),
    ]

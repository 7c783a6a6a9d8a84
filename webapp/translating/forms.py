"""The forms of the translators' desk, and the words for states and origins."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FileField, HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, ValidationError
from wtforms.widgets import HiddenInput

from webapp.edge import characters, clean, clean_line
from webapp.form import HouseForm
from webapp.measures.models import Origin
from webapp.translating.rules import LONGEST_TERM, LONGEST_TEXT, State, TranslationEmpty

STATES = {
    State.MISSING: _l("Not translated"),
    State.STALE: _l("The Japanese has changed"),
    State.MACHINE: _l("Made by a machine, not checked"),
    State.DONE: _l("Up to date"),
}
ORIGINS = {
    Origin.PERSON: _l("Translated by a person"),
    Origin.MACHINE: _l("Translated by a machine"),
    Origin.CHECKED: _l("Translated by a machine, checked by a person"),
}
_SEEN = [InputRequired(), NumberRange(0, 2**31 - 1)]


class TranslationForm(HouseForm):
    version = IntegerField(validators=_SEEN, widget=HiddenInput())
    source_version = IntegerField(validators=_SEEN, widget=HiddenInput())
    step = HiddenField()
    body = TextAreaField(
        _l("Translation"),
        [InputRequired(_l(TranslationEmpty.explanation))],
        filters=[lambda value: clean(value or "")],
    )

    def validate_body(self, field: TextAreaField) -> None:
        if characters(field.data or "") > LONGEST_TEXT:
            most = f"{LONGEST_TEXT:,}"
            raise ValidationError(_("The text has more than %(most)s characters.", most=most))


def _short(value: str | None) -> str:
    return clean_line(value or "")


def _at_most(most: int) -> object:
    def check(_form: HouseForm, field: StringField) -> None:
        if characters(field.data or "") > most:
            raise ValidationError(_("At most %(most)s characters.", most=most))

    return check


class TermForm(HouseForm):
    source = StringField(
        _l("Japanese"),
        [InputRequired(_l("Please write the Japanese term.")), _at_most(LONGEST_TERM)],
        filters=[_short],
    )
    target = StringField(
        _l("What it is called"),
        [InputRequired(_l("Please write what it is called.")), _at_most(LONGEST_TERM)],
        filters=[_short],
    )
    note = StringField(_l("Note"), [_at_most(200)], filters=[_short])


class ImportForm(HouseForm):
    origin = RadioField(
        _l("Who translated it?"),
        [InputRequired(_l("Please say who translated it."))],
        choices=[
            SelectChoice(origin.value, ORIGINS[origin])
            for origin in (Origin.PERSON, Origin.MACHINE)
        ],
    )
    file = FileField(_l("The file that came back"))

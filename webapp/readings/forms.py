"""The form of one correction."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from webapp.edge import clean_line
from webapp.form import HouseForm
from webapp.readings.rules import LONGEST_READING, LONGEST_WORD


class CorrectionForm(HouseForm):
    word = StringField(
        _l("Word"),
        [InputRequired(_l("Please enter the word.")), Length(max=LONGEST_WORD)],
        filters=[lambda value: clean_line(value or "")],
    )
    reading = StringField(
        _l("Reading"),
        [InputRequired(_l("Please enter the reading.")), Length(max=LONGEST_READING)],
        filters=[lambda value: clean_line(value or "")],
    )

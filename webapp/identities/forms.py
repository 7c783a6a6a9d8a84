"""What a member of staff says before a name and address are shown."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from webapp.edge import clean_line
from webapp.form import HouseForm


class PurposeForm(HouseForm):
    purpose = StringField(
        _l("What do you need it for?"),
        [DataRequired(_l("Please say what you need it for.")), Length(max=200)],
        filters=[lambda value: clean_line(value or "")],
    )

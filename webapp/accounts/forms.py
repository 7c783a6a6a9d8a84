"""The sign-in form."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired

from webapp.edge import clean_line
from webapp.form import HouseForm


class SignInForm(HouseForm):
    email = EmailField(
        _l("E-mail address"), [InputRequired()], filters=[lambda value: clean_line(value or "")]
    )
    password = PasswordField(_l("Password"), [InputRequired()])

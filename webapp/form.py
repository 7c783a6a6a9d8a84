"""What every form of the house has in common: its messages come in the reader's language."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale
from wtforms import Form
from wtforms.fields.core import UnboundField


class HouseForm(Form):
    """A form of the house. Forms carry no token: `access` refuses what another site sends."""

    def __init__(self, formdata: Any = None, **kwargs: Any) -> None:
        super().__init__(formdata, meta={"locales": [str(get_locale())]}, **kwargs)


def fields_of(form: type[Form]) -> frozenset[str]:
    """The names of a form's fields, without filling it in."""
    return frozenset(n for n in dir(form) if isinstance(getattr(form, n), UnboundField))

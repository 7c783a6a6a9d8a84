"""The forms of a receipt: number and secret come along with each, and say who is asking."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, ValidationError
from wtforms.widgets import HiddenInput

from webapp.comments.forms import CommentForm
from webapp.comments.rules import Residency, Stance
from webapp.edge import LARGEST_ID, characters, clean
from webapp.form import HouseForm
from webapp.receipts.rules import LONGEST_WISH, Revision

WHO = ("number", "secret", "comment", "version")
WORDS = ("text", "action", "stance", "residency", "language")


def _version() -> IntegerField:
    return IntegerField(
        validators=[InputRequired(), NumberRange(1, LARGEST_ID)], widget=HiddenInput()
    )


class StepForm(HouseForm):
    """A step that has to be confirmed. `version` is what the author saw before taking it."""

    number = HiddenField()
    secret = HiddenField()
    version = _version()


class WishForm(StepForm):
    note = TextAreaField(
        _l("What should be looked at again?"), filters=[lambda value: clean(value or "")]
    )

    def validate_note(self, field: TextAreaField) -> None:
        length = characters(field.data or "")
        if length > LONGEST_WISH:
            raise ValidationError(
                _(
                    "It has %(length)s characters. Please shorten it to %(most)s or fewer.",
                    length=f"{length:,}",
                    most=f"{LONGEST_WISH:,}",
                )
            )


class RevisionForm(CommentForm):
    """The questions of the comment form that are about the comment itself, and no other."""

    comment = HiddenField()
    version = _version()

    def __init__(self, formdata: Any = None, **kwargs: Any) -> None:
        super().__init__(formdata, **kwargs)
        for name in set(self._fields) - {*WHO, *WORDS}:
            del self[name]

    def revision(self) -> Revision:
        """What the author means to say now. Call it on a form that validated."""
        return Revision(
            text=self.text.data or "",
            language=self.language.data,
            action_code=self.action.data or None,
            stance=Stance(self.stance.data) if self.stance.data else None,
            residency=Residency(self.residency.data) if self.residency.data else None,
        )

"""The form of a translator of comments, and the words for what there is and who made it."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError
from wtforms.widgets import HiddenInput

from webapp.edge import LARGEST_ID, characters, clean
from webapp.form import HouseForm
from webapp.interpreting.queries import Wanted
from webapp.interpreting.rules import LONGEST_TRANSLATION, Shown
from webapp.measures.models import Origin
from webapp.translating.rules import TranslationEmpty

LABELS = {
    Origin.PERSON: _l("Translated by staff"),
    Origin.MACHINE: _l("Machine translation"),
    Origin.CHECKED: _l("Machine translation, checked by staff"),
}
WANTED = {
    Wanted.MISSING: _l("Not translated"),
    Wanted.MACHINE: _l("Made by a machine, not checked"),
}
PROVIDERS = {"libretranslate": "LibreTranslate", "deepl": "DeepL", "openai": "OpenAI API"}


def label_of(found: Shown, text: str) -> str:
    """The label of a translation beside a quotation, which may be a part of its comment."""
    label = LABELS[found.origin]
    return str(label if found.is_of(text) else _("The whole comment: %(label)s", label=label))


def beside(translations: Mapping[int, Shown], comment_id: int, text: str) -> tuple[str, str]:
    """Label and words of the translation that stands beside a quotation; both empty without one."""
    found = translations.get(comment_id)
    return (label_of(found, text), found.body) if found else ("", "")


class CommentTranslationForm(HouseForm):
    version = IntegerField(
        validators=[InputRequired(), NumberRange(0, LARGEST_ID)], widget=HiddenInput()
    )
    source = HiddenField(validators=[InputRequired(), Length(64, 64)])
    body = TextAreaField(
        _l("Translation"),
        [InputRequired(_l(TranslationEmpty.explanation))],
        filters=[lambda value: clean(value or "")],
    )

    def validate_body(self, field: TextAreaField) -> None:
        if characters(field.data or "") > LONGEST_TRANSLATION:
            most = f"{LONGEST_TRANSLATION:,}"
            raise ValidationError(_("The text has more than %(most)s characters.", most=most))

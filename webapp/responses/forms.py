"""The form of an answer, and the words for its categories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, ValidationError
from wtforms.widgets import HiddenInput

from webapp.edge import characters, clean
from webapp.form import HouseForm
from webapp.measures.rules import SOURCE_LANGUAGE
from webapp.refusal import Refusal
from webapp.responses.rules import (
    LONGEST_ANSWER,
    AnswerEmpty,
    Category,
    NothingAnswered,
    Wording,
    numbers_in,
)

CATEGORIES = {
    Category.ADOPTED: _l("The plan is changed accordingly"),
    Category.ALREADY_THERE: _l("It is already part of the plan"),
    Category.FOR_LATER: _l("We take it into account when carrying out the plan"),
    Category.NOT_ADOPTED: _l("We do not follow it, for the reason given"),
    Category.EXPLAINED: _l("A question is answered, or something else is explained"),
}


class AnswerForm(HouseForm):
    """One text for each language of the site; the Japanese has to be there."""

    version = IntegerField(
        validators=[InputRequired(), NumberRange(0, 2**31 - 1)], widget=HiddenInput(), default=0
    )
    category = RadioField(
        _l("What does the city do with it?"),
        [InputRequired(_l("Please say what the city does with it."))],
        choices=[SelectChoice(category.value, name) for category, name in CATEGORIES.items()],
    )
    comments = StringField(
        _l("Which comments does this answer?"), [InputRequired(_l(NothingAnswered.explanation))]
    )

    def __init__(self, formdata: Any = None, **kwargs: Any) -> None:
        super().__init__(formdata, **kwargs)
        self.numbers: tuple[int, ...] = ()

    def validate_comments(self, field: StringField) -> None:
        try:
            self.numbers = numbers_in(field.data or "")
        except Refusal as refusal:
            raise ValidationError(_(refusal.explanation, **refusal.facts)) from refusal

    def body(self, lang: str) -> Field:
        return self[f"body_{lang}"]

    def wording(self, languages: Iterable[str]) -> Wording:
        """What the official means. Call it on a form that validated."""
        bodies = {lang: self.body(lang).data or "" for lang in languages}
        return Wording(
            Category(self.category.data), {lang: body for lang, body in bodies.items() if body}
        )


def answer_form(
    languages: Iterable[str], typed: Any = None, data: Mapping[str, Any] | None = None
) -> AnswerForm:
    """A form with a field for the words in each language of the site."""
    fields = {f"body_{lang}": _body_field(lang) for lang in languages}
    in_languages: type[AnswerForm] = type("AnswerFormInLanguages", (AnswerForm,), fields)
    return in_languages(typed, data=data)


def _body_field(lang: str) -> Any:
    def check(form: HouseForm, field: Field) -> None:
        if characters(field.data or "") > LONGEST_ANSWER:
            most = f"{LONGEST_ANSWER:,}"
            raise ValidationError(_("The answer may have %(most)s characters.", most=most))
        if lang == SOURCE_LANGUAGE and not field.data:
            raise ValidationError(_(AnswerEmpty.explanation))

    return TextAreaField(validators=[check], filters=[lambda value: clean(value or "")])

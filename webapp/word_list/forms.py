"""Putting a word on the list, and changing what is done with it."""

from __future__ import annotations

import regex
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, ValidationError

from webapp.edge import LARGEST_ID, clean_line
from webapp.form import HouseForm
from webapp.word_list.rules import LONGEST_WORDS, WordState

STATES = {
    WordState.TRIAL: _l("On trial: only counted"),
    WordState.WATCHED: _l("Watched: flags comments"),
    WordState.REMOVED: _l("Taken off the list"),
}
_LETTER = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Latin}]")


class WordForm(HouseForm):
    words = StringField(
        _l("Word, or a few words in a row"),
        [DataRequired(_l("Please write the word.")), Length(max=LONGEST_WORDS)],
        filters=[lambda value: clean_line(value or "")],
    )
    reason = StringField(
        _l("Why is it watched?"),
        [DataRequired(_l("Please say why.")), Length(max=200)],
        filters=[lambda value: clean_line(value or "")],
    )

    def validate_words(self, field: StringField) -> None:
        if field.data and not _LETTER.search(field.data):
            raise ValidationError(_("A word needs a Japanese or Latin letter."))


class ChangeForm(HouseForm):
    word_id = IntegerField(validators=[NumberRange(1, LARGEST_ID)])
    before = StringField()
    state = StringField()
    reason = StringField(
        _l("Why?"),
        [DataRequired(_l("Please say why.")), Length(max=200)],
        filters=[lambda value: clean_line(value or "")],
    )

    def validate_state(self, _field: StringField) -> None:
        if {self.before.data, self.state.data} - set(WordState):
            raise ValidationError(_("The request was not understood. Please try again."))

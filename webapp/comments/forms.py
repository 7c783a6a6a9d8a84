"""The comment form and the receipt form: what was typed, turned into what was meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from itsdangerous import BadSignature, URLSafeTimedSerializer
from wtforms import EmailField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from webapp.comments.cautions import Caution, cautions
from webapp.comments.rules import LONGEST, Draft, Identity, Residency, Stance
from webapp.edge import characters, clean, clean_line, has_piled_marks
from webapp.form import HouseForm

OPEN_FOR = timedelta(days=7)
"""How long an opened form can be sent. Longer than anyone writes; a fresh form keeps the text."""

STANCES = {
    Stance.SUPPORT: _l("In favour"),
    Stance.OPPOSE: _l("Against"),
    Stance.SUGGEST: _l("A suggestion"),
    Stance.ASK: _l("A question"),
}
RESIDENCIES = {
    Residency.LIVES: _l("I live in the city"),
    Residency.WORKS: _l("I work in the city"),
    Residency.STUDIES: _l("I go to school in the city"),
    Residency.BUSINESS: _l("A business or group in the city"),
    Residency.OTHER: _l("Something else"),
}
NO_ANSWER = SelectChoice("", _l("I would rather not say"))
# As HTML and the mail servers have it, short of quoted local parts that nobody uses.
# Nor "=?", which would be read as an encoded word: another address than the one that is written.
_EMAIL = re.compile(r"(?!.*=\?)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class FormKeys:
    """Signed form keys. A key says when its form was opened, and no two forms have the same."""

    def __init__(self, secret_key: str) -> None:
        self._signer = URLSafeTimedSerializer(secret_key, salt="form-key")

    def new(self, nonce: str) -> str:
        return self._signer.dumps(nonce)

    def opened_at(self, key: str) -> datetime | None:
        """When this form was opened; None when the key is not ours or too old."""
        try:
            _nonce, opened_at = self._signer.loads(
                key, max_age=int(OPEN_FOR.total_seconds()), return_timestamp=True
            )
        except BadSignature:
            return None
        return datetime.fromisoformat(opened_at.isoformat())


class CommentForm(HouseForm):
    text = TextAreaField(
        _l("Comment"),
        [DataRequired(_l("Please write your comment."))],
        filters=[lambda value: clean(value or "")],
    )
    action = RadioField(_l("Part of the measure"), [Optional()])
    stance = RadioField(
        _l("In favour or against"),
        [Optional()],
        choices=[*(SelectChoice(s.value, label) for s, label in STANCES.items()), NO_ANSWER],
    )
    residency = RadioField(
        _l("Connection with the city"),
        [Optional()],
        choices=[*(SelectChoice(r.value, label) for r, label in RESIDENCIES.items()), NO_ANSWER],
    )
    language = RadioField(_l("Language of the comment"), [InputRequired()])
    email = EmailField(
        _l("E-mail address"),
        [Optional(), Length(max=254)],
        filters=[lambda value: clean_line(value or "")],
    )
    number = HiddenField()
    secret = HiddenField()
    """Of the receipt that this comment joins; both empty when the author has none yet."""
    form_key = HiddenField()
    effort = HiddenField()
    """During a burst: the answer of static/effort.js to the challenge of `comments.effort`."""
    patience = HiddenField()
    """During a burst: from when on this form can be sent without it."""
    website = StringField()
    """Bait: people do not see it, so whoever fills it in is a machine."""

    def __init__(
        self,
        formdata: Any = None,
        *,
        actions: Sequence[tuple[str, str]],
        languages: Sequence[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(formdata, **kwargs)
        whole = SelectChoice("", _("The whole measure"))
        self.action.choices = [whole, *(SelectChoice(code, words) for code, words in actions)]
        self.language.choices = [
            *(SelectChoice(code, _language_name(code)) for code in languages),
            SelectChoice("other", _("Another language")),
        ]
        for field, fallback in (
            (self.action, ""),
            (self.stance, ""),
            (self.residency, ""),
            (self.language, languages[0]),
        ):
            field.data = field.data or fallback

    def validate_text(self, field: TextAreaField) -> None:
        length = characters(field.data or "")
        if length > LONGEST:
            raise ValidationError(
                _(
                    "The comment has %(length)s characters. "
                    "Please shorten it to %(most)s or fewer, or send it in two parts.",
                    length=f"{length:,}",
                    most=f"{LONGEST:,}",
                )
            )
        if has_piled_marks(field.data or ""):
            raise ValidationError(_("One letter carries too many marks to be readable."))

    def validate_email(self, field: EmailField) -> None:
        if field.data and not _EMAIL.fullmatch(field.data):
            raise ValidationError(_("Please check the e-mail address. Example: name@example.jp"))

    def draft(self, page_lang: str) -> Draft:
        """What the author means to send. Call it on a form that validated."""
        return Draft(
            text=self.text.data or "",
            language=self.language.data,
            form_key=self.form_key.data or "",
            action_code=self.action.data or None,
            stance=Stance(self.stance.data) if self.stance.data else None,
            residency=Residency(self.residency.data) if self.residency.data else None,
            email=self.email.data or None if self.email else None,
            page_lang=page_lang,
        )


class IdentifiedCommentForm(CommentForm):
    """The comment form of a period that asks who the author is."""

    person_name = StringField(
        _l("Name"),
        [DataRequired(_l("Please enter your name.")), Length(max=100)],
        filters=[lambda value: clean_line(value or "")],
    )
    person_address = StringField(
        _l("Home address"),
        [DataRequired(_l("Please enter your address.")), Length(max=300)],
        filters=[lambda value: clean_line(value or "")],
    )
    person_contact = StringField(
        _l("Telephone number or another way to reach you"),
        [Optional(), Length(max=200)],
        filters=[lambda value: clean_line(value or "")],
    )

    def draft(self, page_lang: str) -> Draft:
        identity = Identity(
            self.person_name.data or "",
            self.person_address.data or "",
            self.person_contact.data or "",
        )
        return replace(super().draft(page_lang), identity=identity)


class LookUpForm(HouseForm):
    number = StringField(
        _l("Number"),
        [InputRequired(_l("Please enter the number.")), Length(max=60)],
        filters=[lambda value: clean_line(value or "")],
    )
    secret = StringField(
        _l("Secret code"),
        [InputRequired(_l("Please enter the secret code.")), Length(max=120)],
        filters=[lambda value: clean_line(value or "")],
    )


def warnings(text: str) -> list[tuple[Caution, str]]:
    """Each thing in the text by which a person could be found; the page makes a sentence of it."""
    return list(cautions(text).items())


def _language_name(code: str) -> str:
    return Locale.parse(code, sep="-").get_language_name(get_locale()) or code

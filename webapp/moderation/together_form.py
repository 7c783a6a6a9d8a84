"""The form of one decision on many comments."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp, ValidationError
from wtforms.widgets import HiddenInput

from webapp.comments.rules import Publication
from webapp.edge import LARGEST_ID, clean
from webapp.moderation.covering import COVERED
from webapp.moderation.covering_together import CoveredText, CoverTogether
from webapp.moderation.forms import VerdictForm
from webapp.moderation.membership import Membership
from webapp.moderation.redactions import MOST_COVERED
from webapp.moderation.rules import NothingCovered, Reason


class TogetherForm(VerdictForm):
    """One decision on many comments; the hidden fields say which were shown."""

    upto = IntegerField(
        validators=[InputRequired(), NumberRange(1, LARGEST_ID)], widget=HiddenInput()
    )
    shown = IntegerField(
        validators=[InputRequired(), NumberRange(1, LARGEST_ID)], widget=HiddenInput()
    )
    wordings = HiddenField(
        validators=[InputRequired(), Regexp(r"[1-9][0-9]{0,9}(,[1-9][0-9]{0,9}){0,199}\Z")]
    )
    proposal = IntegerField(
        validators=[Optional(), NumberRange(1, LARGEST_ID)], widget=HiddenInput()
    )

    publication = RadioField(
        _l("May people read it?"),
        [InputRequired(_l("Please say whether people may read it."))],
        choices=[
            SelectChoice(Publication.PUBLISHED.value, _l("Publish"), {"data-key": "p"}),
            SelectChoice(Publication.REDACTED.value, _l("Publish with some parts covered")),
            SelectChoice(Publication.WITHHELD.value, _l("Withhold"), {"data-key": "w"}),
        ],
    )
    words = TextAreaField(_l("Words to cover"), filters=[lambda typed: clean(typed or "")])
    words_reason = SelectField(
        _l("Why are they covered?"),
        choices=[SelectChoice(reason.value, name) for reason, name in COVERED.items()],
        default=Reason.PERSONAL_DATA.value,
    )
    noticed = BooleanField(_l("Cover what the machine noticed as well"))
    seen = HiddenField()

    def validate_words(self, field: TextAreaField) -> None:
        covers = bool(self._lines() or self.noticed.data)
        if self.publication.data == Publication.REDACTED and not covers:
            raise ValidationError(_(NothingCovered.explanation))
        if self.publication.data == Publication.PUBLISHED and covers:
            raise ValidationError(
                _("Some parts are marked to be covered. Please say so above, or unmark them.")
            )
        if len(self._lines()) > MOST_COVERED:
            raise ValidationError(_("At most %(most)s parts can be covered.", most=MOST_COVERED))

    def cover(self) -> CoverTogether | None:
        """What to cover; None where the verdict covers nothing."""
        if self.publication.data != Publication.REDACTED:
            return None
        return CoverTogether(
            words=self._lines(),
            reason=Reason(self.words_reason.data or Reason.PERSONAL_DATA),
            noticed=bool(self.noticed.data),
            seen=frozenset((self.seen.data or "").split(",")),
        )

    def is_previewed(self, texts: Sequence[CoveredText]) -> bool:
        """Whether the person has seen each of these texts as it is covered now."""
        seen = set((self.seen.data or "").split(","))
        return {text.mark for text in texts if text.published is not None} <= seen

    def remember(self, texts: Sequence[CoveredText]) -> None:
        """Say which texts are shown as they would be covered."""
        self.seen.data = ",".join(text.mark for text in texts if text.published is not None)

    def _lines(self) -> tuple[str, ...]:
        lines = (line.strip() for line in (self.words.data or "").splitlines())
        return tuple(dict.fromkeys(line for line in lines if line))

    def members(self) -> Membership:
        ids = tuple(int(number) for number in (self.wordings.data or "").split(","))
        known = tuple(number for number in ids if number <= LARGEST_ID)
        return Membership(self.upto.data or 0, known, self.shown.data or 0, self.proposal.data)

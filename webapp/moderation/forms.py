"""The decision form and the queue's filter, and the words for grounds, treatments and flags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from babel import Locale
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    IntegerField,
    RadioField,
    SearchField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import (
    DataRequired,
    InputRequired,
    NumberRange,
    ValidationError,
)
from wtforms.widgets import HiddenInput

from webapp.comments.rules import Channel, Publication, Treatment
from webapp.edge import LARGEST_ID, characters, clean, clean_line
from webapp.form import HouseForm
from webapp.moderation.covering import CoveringFields
from webapp.moderation.queue_rules import QueueFilter
from webapp.moderation.rules import Reason, ReasonMissing, Verdict

LONGEST_NOTE = 1_000
"""User-perceived characters in the note that the author reads."""

LONGEST_WHY = 200
"""User-perceived characters in the reason for taking a comment over."""

REASONS = {
    Reason.PERSONAL_DATA: _l("Personal data that cannot be covered"),
    Reason.ABUSE: _l("Abuse or defamation of a person"),
    Reason.DISCRIMINATION: _l("Discrimination"),
    Reason.ADVERTISING: _l("Advertising"),
    Reason.UNLAWFUL: _l("Unlawful content"),
    Reason.UNREADABLE: _l("Cannot be read"),
    Reason.OFF_TOPIC: _l("Not about this measure"),
}
GROUNDS = {
    Reason.PERSONAL_DATA: _l("It shows who a private person is, or how to reach them."),
    Reason.ABUSE: _l("It insults, threatens or slanders someone. Hard criticism of work is none."),
    Reason.DISCRIMINATION: _l("It demeans people for what they are, such as origin or disability."),
    Reason.ADVERTISING: _l("It sells or recruits, and says nothing about the measure."),
    Reason.UNLAWFUL: _l("Publishing it would break the law, such as copied works."),
    Reason.UNREADABLE: _l("No meaning can be made out, not even by guessing."),
    Reason.OFF_TOPIC: _l("It has nothing to do with this measure or this programme."),
}
TREATMENTS = {
    Treatment.COUNTS: _l("Counts as an opinion"),
    Treatment.OUT_OF_SCOPE: _l("Out of scope: counted, and named as such"),
    Treatment.NOT_AN_OPINION: _l("Not an opinion: spam, a test or empty"),
}
PUBLICATIONS = {
    Publication.WAITING: _l("Waiting"),
    Publication.PUBLISHED: _l("Published"),
    Publication.REDACTED: _l("Published, with some parts covered"),
    Publication.WITHHELD: _l("Not published"),
    Publication.WITHDRAWN: _l("Withdrawn by its author"),
}
RULES = {
    "phone": _l("Phone number"),
    "email": _l("E-mail address"),
    "postal-code": _l("Postal code"),
    "address": _l("Home address"),
    "my-number": _l("My Number"),
    "person-name": _l("A person's name"),
    "link": _l("Link"),
    "shouting": _l("Written in capitals"),
    "exclamation": _l("Many exclamation marks"),
    "nearly-empty": _l("Nearly empty"),
    "too-repetitive": _l("Repeats itself"),
    "language": _l("Another language"),
    "watched-word": _l("Watched word"),
    "same-text": _l("Same text as an earlier comment"),
    "near-copy": _l("Nearly the same as an earlier comment"),
    "screening-failed": _l("The automatic check failed"),
}
CHANNELS = {
    Channel.WEB: _l("This site"),
    Channel.POST: _l("By post"),
    Channel.FAX: _l("By fax"),
    Channel.COUNTER: _l("At the counter"),
    Channel.EMAIL: _l("By e-mail"),
}
MORE_LANGUAGES = "other"
LONGEST_WISH = 80
"""Characters of anything a filter of the queue asks for."""


def rule_name(rule: str) -> str:
    """A rule in words; one that has none yet is called by its own name."""
    return str(RULES.get(rule, rule.replace("-", " ")))


def language_name(code: str) -> str:
    """A language in the reader's own; a code that is none stays as it is."""
    if code == MORE_LANGUAGES:
        return str(_("Another language"))
    try:
        name: str | None = Locale.parse(code, sep="-").get_display_name(get_locale())
    except (ValueError, LookupError):
        return code
    return name or code


class VerdictForm(HouseForm):
    """May people read it, why not, and does it count."""

    publication = RadioField(
        _l("May people read it?"),
        [InputRequired(_l("Please say whether people may read it."))],
        choices=[
            SelectChoice(Publication.PUBLISHED.value, _l("Publish"), {"data-key": "p"}),
            SelectChoice(Publication.WITHHELD.value, _l("Withhold"), {"data-key": "w"}),
        ],
    )
    reason = RadioField(
        _l("Why is it withheld?"),
        choices=[SelectChoice(reason.value, name) for reason, name in REASONS.items()],
        validate_choice=False,
    )
    treatment = RadioField(
        _l("Does it count?"),
        [InputRequired(_l("Please say whether it counts."))],
        choices=[SelectChoice(treatment.value, name) for treatment, name in TREATMENTS.items()],
    )
    note = TextAreaField(_l("Note to the author"), filters=[lambda value: clean(value or "")])

    def validate_reason(self, field: RadioField) -> None:
        if self.publication.data == Publication.WITHHELD and field.data not in set(Reason):
            raise ValidationError(_(ReasonMissing.explanation))

    def validate_note(self, field: TextAreaField) -> None:
        if characters(field.data or "") > LONGEST_NOTE:
            most = f"{LONGEST_NOTE:,}"
            raise ValidationError(_("The note may have %(most)s characters.", most=most))

    def verdict(self) -> Verdict:
        """What the moderator means. Call it on a form that validated."""
        publication = Publication(self.publication.data)
        withheld = publication is Publication.WITHHELD
        return Verdict(
            publication=publication,
            treatment=Treatment(self.treatment.data),
            reason=Reason(self.reason.data) if withheld else None,
            note=self.note.data or "",
        )


class DecisionForm(CoveringFields, VerdictForm):
    version = IntegerField(
        validators=[InputRequired(), NumberRange(1, LARGEST_ID)], widget=HiddenInput()
    )
    publication = RadioField(
        _l("May people read it?"),
        [InputRequired(_l("Please say whether people may read it."))],
        choices=[
            SelectChoice(Publication.PUBLISHED.value, _l("Publish")),
            SelectChoice(Publication.REDACTED.value, _l("Publish with some parts covered")),
            SelectChoice(Publication.WITHHELD.value, _l("Withhold")),
        ],
    )

    def is_to_be_shown(self, step: str) -> bool:
        """Whether the result comes first: when asked for, and always before words are covered."""
        redacts = self.publication.data == Publication.REDACTED
        return step == "preview" or (redacts and not self.is_previewed())

    def verdict(self) -> Verdict:
        """The same with what is covered."""
        said = super().verdict()
        is_redacted = said.publication is Publication.REDACTED
        return replace(said, covered=self.covered()) if is_redacted else said


class TakeOverForm(HouseForm):
    why = StringField(
        _l("Why do you take it over?"),
        [DataRequired(_l("Please say why you take it over."))],
        filters=[lambda value: clean_line(value or "")],
    )

    def validate_why(self, field: StringField) -> None:
        if characters(field.data or "") > LONGEST_WHY:
            raise ValidationError(_("The reason may have %(most)s characters.", most=LONGEST_WHY))


class FilterForm(HouseForm):
    """What a moderator wants to see of the queue. Values it does not know find nothing."""

    stage = SelectField(_l("Stage"), validate_choice=False)
    pillar = SelectField(_l("Pillar"), validate_choice=False)
    measure = SelectField(_l("Measure"), validate_choice=False)
    language = SelectField(_l("Language"), validate_choice=False)
    channel = SelectField(_l("How it was sent"), validate_choice=False)
    flag = SelectField(_l("Noticed"), validate_choice=False)
    age = SelectField(_l("Waiting for"), validate_choice=False)
    words = SearchField(_l("Words in the text"))

    def __init__(
        self,
        wanted: QueueFilter,
        *,
        stages: Sequence[tuple[str, str]],
        pillars: Sequence[tuple[str, str]],
        measures: Sequence[tuple[str, str]],
        languages: Sequence[str],
        target_days: int,
    ) -> None:
        super().__init__(obj=wanted)
        named = [(code, language_name(code)) for code in (*languages, MORE_LANGUAGES)]
        self.stage.choices = _or_all(stages)
        self.pillar.choices = _or_all(pillars)
        self.measure.choices = _or_all(measures)
        self.language.choices = _or_all(named)
        self.channel.choices = _or_all([(channel.value, CHANNELS[channel]) for channel in Channel])
        self.flag.choices = _or_all([(rule, rule_name(rule)) for rule in RULES])
        ages = sorted({1, 7, 14, 30} | {target_days} - {0})
        self.age.choices = _or_all([(str(days), _days(days)) for days in ages])


def _days(days: int) -> str:
    return str(ngettext("%(num)s day or longer", "%(num)s days or longer", days))


def _or_all(choices: Sequence[tuple[str, Any]]) -> list[SelectChoice]:
    return [SelectChoice(*choice) for choice in (("", _("All")), *choices)]


def queue_filter(typed: MultiDict[str, str]) -> QueueFilter:
    """The part of the queue that an address asks for."""
    names = QueueFilter.__dataclass_fields__
    return QueueFilter(**{name: clean_line(typed.get(name, ""))[:LONGEST_WISH] for name in names})


def as_query(wanted: QueueFilter) -> dict[str, Any]:
    """The same as parameters of an address, without those that ask for everything."""
    return {name: value for name, value in vars(wanted).items() if value}

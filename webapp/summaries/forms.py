"""What staff write over a summary: introductions, and a heading and a place for each point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, FieldList, Form, FormField, IntegerField, StringField, TextAreaField
from wtforms.validators import NumberRange, Optional, ValidationError

from webapp.edge import characters, clean, clean_line
from webapp.form import HouseForm
from webapp.summaries.drafts import Dropped
from webapp.summaries.editing import Wanted
from webapp.summaries.edits import LONGEST_HEADING, LONGEST_INTRODUCTION, LONGEST_SENTENCE

MOST_POINTS = 60

DROPPED = {
    Dropped.SHAPE: _l("its answer was not in the form that was asked for"),
    Dropped.STRANGERS: _l("it named comments that do not bear it out, or too few"),
    Dropped.LENGTH: _l("it was too long, empty, or more than one sentence"),
    Dropped.MARKUP: _l("it held a link or markup"),
    Dropped.NUMBER: _l("it held a number"),
    Dropped.SHARE: _l("it said how many agree"),
    Dropped.ORDER: _l("it spoke of instructions, not of the subject"),
    Dropped.WORDS: _l("it used words that too few people wrote"),
    Dropped.CHECKER: _l("the checker of summaries refuses it"),
    Dropped.OUTDATED: _l("the comments behind it have changed since"),
    Dropped.FEW: _l("fewer than two people wrote, in different words, what everyone can read"),
    Dropped.GIVEN_UP: _l("the machine did not answer as it should, five times"),
}
"""Why there is no proposal, after “No proposal:”."""


class IntroductionForm(HouseForm):
    ja = TextAreaField(_l("Introduction in Japanese"), filters=[lambda value: clean(value or "")])
    en = TextAreaField(_l("Introduction in English"), filters=[lambda value: clean(value or "")])

    def validate_ja(self, field: Field) -> None:
        if characters(field.data or "") > LONGEST_INTRODUCTION:
            most = f"{LONGEST_INTRODUCTION:,}"
            raise ValidationError(_("Please shorten it to %(most)s characters.", most=most))

    validate_en = validate_ja

    def wanted(self) -> Wanted:
        """What is meant. Call it on a form that validated."""
        return Wanted(self._introductions())

    def _introductions(self) -> dict[str, str]:
        return {"ja": self.ja.data or "", "en": self.en.data or ""}


class PointForm(Form):
    heading = StringField(_l("Heading"), filters=[lambda value: clean_line(value or "")])
    sentence = TextAreaField(
        _l("One sentence below it"), filters=[lambda value: clean_line(value or "")]
    )
    place = IntegerField(_l("Place"), [Optional(), NumberRange(1, MOST_POINTS)], default=1)

    def validate_heading(self, field: Field) -> None:
        if characters(field.data or "") > LONGEST_HEADING:
            most = f"{LONGEST_HEADING:,}"
            raise ValidationError(_("Please shorten it to %(most)s characters.", most=most))

    def validate_sentence(self, field: Field) -> None:
        if characters(field.data or "") > LONGEST_SENTENCE:
            most = f"{LONGEST_SENTENCE:,}"
            raise ValidationError(_("Please shorten it to %(most)s characters.", most=most))


class SectionForm(IntroductionForm):
    points = FieldList(FormField(PointForm), max_entries=MOST_POINTS)

    def take(self, place: int, heading: str, sentence: str) -> None:
        """Let a point's fields say what was proposed. Nothing is saved by that."""
        entry = self.points[place].form
        entry.heading.data, entry.sentence.data = heading, sentence

    def wanted(self) -> Wanted:
        places = [(entry.form.place.data or MOST_POINTS, n) for n, entry in enumerate(self.points)]
        return Wanted(
            self._introductions(),
            [entry.form.heading.data or "" for entry in self.points],
            [n for _place, n in sorted(places)],
            [entry.form.sentence.data or "" for entry in self.points],
        )


def filled(
    introductions: Mapping[str, str],
    headings: Sequence[str],
    sentences: Sequence[str],
    places: Sequence[int],
) -> Mapping[str, object]:
    """The data of a form that shows what holds now."""
    points = [
        {"heading": heading, "sentence": sentence, "place": place}
        for heading, sentence, place in zip(headings, sentences, places, strict=True)
    ]
    return {**introductions, "points": points}

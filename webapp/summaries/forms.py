"""What staff write over a summary: introductions, and a heading and a place for each point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, FieldList, Form, FormField, IntegerField, StringField, TextAreaField
from wtforms.validators import NumberRange, Optional, ValidationError

from webapp.edge import characters, clean, clean_line
from webapp.form import HouseForm
from webapp.summaries.editing import Wanted
from webapp.summaries.edits import LONGEST_HEADING, LONGEST_INTRODUCTION

MOST_POINTS = 60


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
    place = IntegerField(_l("Place"), [Optional(), NumberRange(1, MOST_POINTS)], default=1)

    def validate_heading(self, field: Field) -> None:
        if characters(field.data or "") > LONGEST_HEADING:
            most = f"{LONGEST_HEADING:,}"
            raise ValidationError(_("Please shorten it to %(most)s characters.", most=most))


class SectionForm(IntroductionForm):
    points = FieldList(FormField(PointForm), max_entries=MOST_POINTS)

    def wanted(self) -> Wanted:
        places = [(entry.form.place.data or MOST_POINTS, n) for n, entry in enumerate(self.points)]
        return Wanted(
            self._introductions(),
            [entry.form.heading.data or "" for entry in self.points],
            [n for _place, n in sorted(places)],
        )


def filled(
    introductions: Mapping[str, str], headings: Sequence[str], places: Sequence[int]
) -> Mapping[str, object]:
    """The data of a form that shows what holds now."""
    points = [{"heading": h, "place": p} for h, p in zip(headings, places, strict=True)]
    return {**introductions, "points": points}

"""The part of the decision form in which the words to cover are chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from webapp.comments.rules import Publication
from webapp.edge import clean
from webapp.form import HouseForm
from webapp.moderation.redactions import MOST_COVERED, covered_text, occurrences, settled
from webapp.moderation.rules import COVERABLE, Covered, NothingCovered, NothingLeft, Reason

COVERED = {
    Reason.PERSONAL_DATA: _l("Personal data"),
    Reason.ABUSE: _l("Abuse or defamation of a person"),
    Reason.DISCRIMINATION: _l("Discrimination"),
    Reason.ADVERTISING: _l("Advertising"),
    Reason.UNLAWFUL: _l("Unlawful content"),
}
"""Why words are covered."""
AROUND = 10
_SPAN = re.compile(r"(\d{1,6})-(\d{1,6})-([a-z-]{1,24})", re.ASCII)


@dataclass(frozen=True)
class Offer:
    """A span that can be covered, with the words around it; `value` is how the form sends it."""

    span: Covered
    before: str
    words: str
    after: str
    chosen: bool

    @property
    def value(self) -> str:
        return written(self.span)


def written(span: Covered) -> str:
    """A span as a form carries it: 12-20-personal-data."""
    return f"{span.start}-{span.end}-{span.reason.value}"


class CoveringFields(HouseForm):
    """Fields for the spans to cover. Say with `about` which text they are spans of."""

    cover = SelectMultipleField(_l("Which parts are covered?"), choices=[], validate_choice=False)
    words = TextAreaField(_l("Other words to cover"), filters=[lambda typed: clean(typed or "")])
    words_reason = SelectField(
        _l("Why are they covered?"),
        choices=[SelectChoice(reason.value, name) for reason, name in COVERED.items()],
        default=Reason.PERSONAL_DATA.value,
    )
    previewed = HiddenField()
    text = ""
    proposed: Sequence[Covered] = ()

    def about(self, text: str, proposed: Iterable[Covered]) -> None:
        """The text to cover words of, and spans that are offered."""
        self.text, self.proposed = text, settled_each(text, proposed)

    def covered(self) -> tuple[Covered, ...]:
        """The chosen spans and every place of the typed words, settled."""
        reason = Reason(self.words_reason.data or Reason.PERSONAL_DATA)
        typed = [Covered(*place, reason) for place in self._places()]
        return settled(self.text, [*_spans(self.cover.data or ()), *typed])

    def fold(self) -> None:
        """Make of the typed words chosen spans, so that each place can be unmarked by itself."""
        self.cover.data = [written(span) for span in self.covered()]
        self.words.data = ""

    def offers(self) -> list[Offer]:
        """Every span offered or chosen, in the order of the text."""
        chosen = self.covered()
        return [
            Offer(
                span,
                self.text[max(0, span.start - AROUND) : span.start],
                self.text[span.start : span.end],
                self.text[span.end : span.end + AROUND],
                span in chosen,
            )
            for span in sorted({*self.proposed, *chosen})
        ]

    def is_previewed(self) -> bool:
        """Whether the person has seen the text with exactly these spans covered."""
        return bool(self.previewed.data == self.seen())

    def seen(self) -> str:
        """The chosen spans in one line, for a form to remember that they were shown."""
        return " ".join(written(span) for span in self.covered())

    def validate_cover(self, field: SelectMultipleField) -> None:
        wanted, spans = self.data["publication"], self.covered()
        if wanted == Publication.REDACTED and not spans and not self._strange():
            raise ValidationError(_(NothingCovered.explanation))
        if wanted == Publication.PUBLISHED and spans:
            raise ValidationError(
                _("Some parts are marked to be covered. Please say so above, or unmark them.")
            )
        if len(spans) > MOST_COVERED:
            raise ValidationError(_("At most %(most)s parts can be covered.", most=MOST_COVERED))
        if wanted == Publication.REDACTED:
            try:
                covered_text(self.text, spans)
            except NothingLeft as refusal:
                raise ValidationError(_(refusal.explanation)) from refusal

    def validate_words(self, field: TextAreaField) -> None:
        if strange := self._strange():
            raise ValidationError(_("Not found in the text: %(words)s", words=strange[0]))

    def _lines(self) -> list[str]:
        """What was typed: one passage when the text has all of it, else one on each line."""
        typed = self.words.data or ""
        if typed and typed in self.text:
            return [typed]
        return [line.strip() for line in typed.splitlines() if line.strip()]

    def _strange(self) -> list[str]:
        return [words for words in self._lines() if words not in self.text]

    def _places(self) -> Iterator[tuple[int, int]]:
        return (place for words in self._lines() for place in occurrences(self.text, words))


def settled_each(text: str, spans: Iterable[Covered]) -> list[Covered]:
    """Each span settled by itself: offers may lie over one another."""
    return [whole for span in spans for whole in settled(text, [span])]


def _spans(values: Iterable[str]) -> Iterator[Covered]:
    for value in values:
        found = _SPAN.fullmatch(value)
        if found and found[3] in set(COVERABLE):
            yield Covered(int(found[1]), int(found[2]), Reason(found[3]))

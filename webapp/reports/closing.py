"""The closing report of a comment period, in the form in which Japanese cities publish results.

It says how many people sent how many opinions, how they came in and from whom, then each opinion
beside the city's answer. It is read anew each time, for answers and decisions still come in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.catalogues import tag
from webapp.comments.forms import RESIDENCIES
from webapp.comments.models import Comment
from webapp.comments.queries import published_comments
from webapp.interpreting.forms import beside
from webapp.interpreting.queries import translations_of
from webapp.interpreting.rules import Shown
from webapp.measures.models import CommentPeriod
from webapp.measures.queries import Line, StageOutline
from webapp.reports.charts import CHANNELS, named
from webapp.reports.tables import Cell, total_rows
from webapp.responses.answers import answers_on_stage
from webapp.responses.forms import CATEGORIES
from webapp.summaries.rules import CommentState, Counts

NOT_SAID = "not-said"
EVERY_ONE = 1_000_000
_STATE = tuple(getattr(Comment, field.name) for field in fields(CommentState) if not field.kw_only)


@dataclass(frozen=True)
class Opinion:
    """An opinion that counts. Without `text`, nobody may read it; without `answer`, none came."""

    number: int
    measure: Line
    text: str | None
    language: str
    answer: str | None = None
    category: str | None = None


@dataclass(frozen=True)
class ClosingReport:
    """What came of a period. `channels` and `residencies` count comments, by their names.

    `translations` are those of opinions in other languages, by the numbers of the opinions.
    """

    stage: StageOutline
    number: int
    opens_at: datetime
    closes_at: datetime
    counts: Counts
    channels: tuple[tuple[str, int], ...]
    residencies: tuple[tuple[str, int], ...]
    opinions: tuple[Opinion, ...]
    translations: Mapping[int, Shown]

    @property
    def undecided(self) -> int:
        return self.counts.waiting


def closing_report(
    session: Session, outline: StageOutline, period: CommentPeriod, number: int, lang: str
) -> ClosingReport:
    """The report of a period, in the words of one language."""
    rows = session.execute(
        select(*_STATE, Comment.residency)
        .where(Comment.period_id == period.id)
        .order_by(Comment.measure_id, Comment.id)
    ).all()
    states = [CommentState(*row[:-1]) for row in rows]
    counts = Counts.of(states)
    residencies = Counter(str(row[-1] or NOT_SAID) for row in rows)
    opinions = tuple(_opinions(session, outline, states, lang))
    return ClosingReport(
        stage=outline,
        number=number,
        opens_at=period.opens_at,
        closes_at=period.closes_at,
        counts=counts,
        channels=named(counts.by_channel, CHANNELS),
        residencies=named(residencies, _residencies()),
        opinions=opinions,
        translations=translations_of(session, [one.number for one in opinions], tag(lang)),
    )


def _residencies() -> Mapping[str, object]:
    names: dict[str, object] = {code.value: name for code, name in RESIDENCIES.items()}
    return {**names, NOT_SAID: _("Not stated")}


def _opinions(
    session: Session, outline: StageOutline, states: list[CommentState], lang: str
) -> Iterator[Opinion]:
    """Each opinion that counts, in the programme's order."""
    counted: dict[int, list[CommentState]] = {}
    for state in states:
        if state.counts:
            counted.setdefault(state.measure_id, []).append(state)
    answers = _answers(session, outline, lang)
    for measure in outline.measures:
        of_measure = counted.get(measure.id, [])
        texts = _texts(session, measure.id) if of_measure else {}
        for state in of_measure:
            text, (words, category) = texts.get(state.id), answers.get(state.id, (None, None))
            yield Opinion(state.id, measure, text, state.language, words, category)


def _texts(session: Session, measure_id: int) -> Mapping[int, str]:
    """What anyone may read of the comments on a measure."""
    page = published_comments(session, measure_id, size=EVERY_ONE)
    return {comment.id: comment.text for comment in page.items}


def _answers(
    session: Session, outline: StageOutline, lang: str
) -> Mapping[int, tuple[str | None, str | None]]:
    """The city's published answer to each published comment, with its category."""
    return {
        id: (answer.words.body, str(CATEGORIES[answer.category]))
        for answer in answers_on_stage(session, outline.id, lang)
        for id in answer.comments
    }


def translation_of(report: ClosingReport, opinion: Opinion) -> tuple[str, str]:
    """Label and words of an opinion's translation; both empty without one."""
    return beside(report.translations, opinion.number, opinion.text or "")


def opinion_rows(report: ClosingReport) -> Iterator[list[Cell]]:
    """Headings, then a row for each opinion: number, measure, opinion, the city's answer."""
    yield [
        _("Comment No."),
        _("Code"),
        _("Measure"),
        _("Opinion"),
        _("Language"),
        _("Translation"),
        _("How it was translated"),
        _("What the city does with it"),
        _("The city's answer"),
    ]
    for opinion in report.opinions:
        label, words = translation_of(report, opinion)
        yield [
            opinion.number,
            opinion.measure.code,
            opinion.measure.words.body,
            opinion.text if opinion.text is not None else _("(not published)"),
            opinion.language,
            words,
            label,
            opinion.category or "",
            opinion.answer or "",
        ]


def number_rows(report: ClosingReport) -> Iterator[list[Cell]]:
    """Headings, then the numbers of people and comments, by channel and by residency."""
    yield from total_rows(report.counts)
    yield from ([_("Comments, by way of sending"), name, n] for name, n in report.channels)
    yield from (
        [_("Comments, by connection with the city"), name, n] for name, n in report.residencies
    )

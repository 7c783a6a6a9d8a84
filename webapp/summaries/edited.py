"""Sections with what staff wrote over them, as far as it still applies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from webapp.comments.queries import published_texts
from webapp.refusal import Refusal
from webapp.summaries.covered import hidden_word
from webapp.summaries.editing import covered_words_of, dates_of, edits_of, material_of
from webapp.summaries.edits import Edit, PointEdit, Source, check_numbers, key_of
from webapp.summaries.models import Summary
from webapp.summaries.revisions import revision_of
from webapp.summaries.rules import SectionDocument
from webapp.summaries.scopes import Scope
from webapp.summaries.shown import ShownPoint, ShownSection


@dataclass(frozen=True)
class Introduction:
    """What staff wrote before a summary, or before one measure of it, in one language."""

    words: str
    language: str


@dataclass(frozen=True)
class Fallen:
    """What staff wrote that no longer applies: headings, and whether the introduction."""

    headings: tuple[str, ...] = ()
    introduction: bool = False


@dataclass(frozen=True)
class Ground:
    """What an edit is held against when it is read."""

    documents: Sequence[SectionDocument]
    texts: Mapping[int, str]
    codes: frozenset[str]
    dates: frozenset[str]
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Written:
    """All that staff wrote over one revision, by measure; under None what stands before it all.

    `hidden` are the words of it that say what was covered since.
    """

    edits: Mapping[int | None, Edit]
    documents: Mapping[int, SectionDocument]
    texts: Mapping[int, str]
    codes: frozenset[str]
    dates: frozenset[str]
    hidden: frozenset[str]
    lang: str

    def introduction_of(self, measure_id: int | None) -> Introduction | None:
        edit = self.edits.get(measure_id)
        return introduction(edit, self._ground(measure_id), self.lang) if edit else None

    def over(self, measure_id: int, section: ShownSection) -> ShownSection:
        edit = self.edits.get(measure_id)
        if edit is None:
            return section
        return over(section, self.documents[measure_id], edit, self._ground(measure_id))

    def fallen(self, measure_id: int | None) -> Fallen:
        edit = self.edits.get(measure_id)
        document = self.documents.get(measure_id) if measure_id is not None else None
        return fallen(edit, document, self._ground(measure_id)) if edit else Fallen()

    def _ground(self, measure_id: int | None) -> Ground:
        documents = [d for id, d in self.documents.items() if measure_id in (None, id)]
        return Ground(documents, self.texts, self.codes, self.dates, self.hidden)


def read_written(
    session: Session,
    summary: Summary,
    documents: Mapping[int, SectionDocument],
    codes: frozenset[str],
    lang: str,
) -> Written:
    """What staff wrote while this revision was the newest, or before, and what may back it now."""
    scope = Scope.of_summary(summary)
    following = revision_of(session, scope, summary.revision + 1)
    rows = edits_of(session, scope, following.compiled_at if following else None)
    edits = {
        measure_id: Edit.read(row.document)
        for measure_id, row in rows.items()
        if measure_id is None or measure_id in documents
    }
    sources = {
        source.comment
        for edit in edits.values()
        for source in (*edit.sources, *(s for point in edit.points for s in point.sources))
    }
    texts = published_texts(session, sorted(sources))
    dates, hidden = dates_of(session, summary), _hidden(session, summary, edits, documents)
    return Written(edits, documents, texts, codes, dates, hidden, lang)


def _hidden(
    session: Session,
    summary: Summary,
    edits: Mapping[int | None, Edit],
    documents: Mapping[int, SectionDocument],
) -> frozenset[str]:
    """What staff wrote that says a word which is covered now and can be read nowhere.

    All published texts are read only when a word is in doubt.
    """
    written = {w for edit in edits.values() for w in edit.words()}
    covered = covered_words_of(session, summary, list(documents)) if written else []
    doubted = {words for words in written if hidden_word(words, covered, ())}
    if not doubted:
        return frozenset()
    material = material_of(session, summary, documents)
    readable = [*material.published.values(), *material.programme]
    return frozenset(w for w in doubted if hidden_word(w, material.covered, readable))


def introduction(edit: Edit, ground: Ground, lang: str) -> Introduction | None:
    """The introduction in this language, else in another; None when it holds no longer.

    A number that a newer revision does not count, or a quotation nobody may read any more, takes
    it away.
    """
    if not edit.introductions or not _are_readable(edit.sources, ground.texts):
        return None
    if not ground.hidden.isdisjoint(edit.introductions.values()):
        return None
    known = [code for code in (lang, lang.partition("-")[0]) if code in edit.introductions]
    language = known[0] if known else min(edit.introductions)
    try:
        for words in edit.introductions.values():
            check_numbers(words, ground.documents, ground.codes, ground.dates)
    except Refusal:
        return None
    return Introduction(edit.introductions[language], language)


def over(
    section: ShownSection, document: SectionDocument, edit: Edit, ground: Ground
) -> ShownSection:
    """The section with the headings and the order of its editors, the machine's kept beside."""
    written = {point.key: point for point in edit.points}
    points = [
        _headed(point, written.get(key_of(document.points[point.place])), ground)
        for point in section.points
    ]
    if edit.ordered:
        order = {point.key: place for place, point in enumerate(edit.points)}
        last = len(order)
        points.sort(key=lambda p: (order.get(key_of(document.points[p.place]), last), p.place))
    return replace(section, points=tuple(points), ordered=edit.ordered)


def fallen(edit: Edit, document: SectionDocument | None, ground: Ground) -> Fallen:
    """What of an edit applies no longer, for those who may write it anew."""
    keys = {key_of(point) for point in document.points} if document else set()
    gone = [p for p in edit.points if not (p.is_empty or _holds(p, keys, ground))]
    lost = bool(edit.introductions) and introduction(edit, ground, "ja") is None
    return Fallen(tuple(point.heading or point.sentence for point in gone), lost)


def _holds(point: PointEdit, keys: set[str], ground: Ground) -> bool:
    may_stand = ground.hidden.isdisjoint((point.heading, point.sentence))
    return point.key in keys and may_stand and _are_readable(point.sources, ground.texts)


def _headed(point: ShownPoint, edit: PointEdit | None, ground: Ground) -> ShownPoint:
    if edit is None or point.lost or not _are_readable(edit.sources, ground.texts):
        return point
    if edit.sentence and edit.sentence not in ground.hidden:
        point = replace(point, sentence=edit.sentence, sentence_by=edit.sentence_by)
    if not edit.heading or edit.heading in ground.hidden:
        return point
    return replace(
        point,
        heading=edit.heading,
        machine_heading=point.own_heading,
        by_staff=True,
        heading_by=edit.heading_by,
    )


def _are_readable(sources: Sequence[Source], texts: Mapping[int, str]) -> bool:
    return all(source.words in texts.get(source.comment, "") for source in sources)

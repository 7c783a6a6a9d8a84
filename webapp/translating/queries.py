"""What there is to translate, how far it has come, and the glossary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.measures.models import Entry, Stage, TextVersion
from webapp.measures.queries import latest_versions
from webapp.measures.rules import SOURCE_LANGUAGE
from webapp.translating.models import GlossaryTerm
from webapp.translating.rules import Pair, State, Term, state_of

TITLE, NOTICE = "title", "notice"


@dataclass(frozen=True)
class Work:
    """One text of a stage with its translation. `place` is a code, "title" or "notice"."""

    text_id: int
    place: str
    source: TextVersion
    target: TextVersion | None

    @property
    def state(self) -> State:
        return state_of(
            self.source.version,
            self.target.source_version if self.target else None,
            self.target.origin if self.target else None,
        )

    @property
    def key(self) -> str:
        """How a file for an outside translator names this text: text and version, like 12-3."""
        return f"{self.text_id}-{self.source.version}"


def work_on(session: Session, stage: Stage, lang: str) -> Sequence[Work]:
    """Every text of a stage in the order of the programme."""
    entries = session.execute(
        select(Entry.code, Entry.text_id)
        .where(Entry.stage_id == stage.id, Entry.withdrawn_at.is_(None))
        .order_by(Entry.position)
    ).all()
    places = [(TITLE, stage.title_id), (NOTICE, stage.notice_id), *((e[0], e[1]) for e in entries)]
    latest = latest_versions(session, [text_id for _, text_id in places], {SOURCE_LANGUAGE, lang})
    return [
        Work(text_id, place, latest[text_id, SOURCE_LANGUAGE], latest.get((text_id, lang)))
        for place, text_id in places
        if latest[text_id, SOURCE_LANGUAGE].body
    ]


def work_with_text(session: Session, stage: Stage, lang: str, text_id: int) -> Work | None:
    return next((w for w in work_on(session, stage, lang) if w.text_id == text_id), None)


def states_of(session: Session, stage: Stage, lang: str) -> Mapping[State, int]:
    """How many texts of a stage are in each state, the most urgent first."""
    counted = Counter(work.state for work in work_on(session, stage, lang))
    return {state: counted[state] for state in State}


def versions_of(session: Session, text_id: int, lang: str) -> Sequence[TextVersion]:
    """Every version of a text in one language, the newest first."""
    return session.scalars(
        select(TextVersion)
        .where(TextVersion.text_id == text_id, TextVersion.lang == lang)
        .order_by(TextVersion.version.desc())
    ).all()


def glossary(session: Session, lang: str) -> Sequence[GlossaryTerm]:
    """The terms in one language, in the order of their Japanese."""
    return session.scalars(
        select(GlossaryTerm).where(GlossaryTerm.lang == lang).order_by(GlossaryTerm.source)
    ).all()


def terms_between(session: Session, source: str, target: str) -> Sequence[Term]:
    """The city's terms for what is said in `source` and to be said in `target`.

    The glossary leads from Japanese to the other languages, and is read backwards as well.
    """
    if source == SOURCE_LANGUAGE:
        return glossary(session, target)
    if target == SOURCE_LANGUAGE:
        return [Pair(term.target, term.source) for term in glossary(session, source)]
    return []

"""Publishing translations, one or a file of them, and keeping the glossary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.measures.models import Origin, TextVersion
from webapp.measures.queries import latest_versions
from webapp.measures.rules import SOURCE_LANGUAGE
from webapp.measures.services import turn_edition
from webapp.refusal import NotThere
from webapp.translating.models import GlossaryTerm
from webapp.translating.rules import (
    SourceMoved,
    TermEmpty,
    TermKnown,
    TranslationChanged,
    TranslationEmpty,
    Wording,
)


def publish_translation(
    session: Session,
    wording: Wording,
    *,
    lang: str,
    version: int,
    staff_id: int,
    now: datetime,
) -> None:
    """Let readers of `lang` read these words; `version` is that of the translation that was read.

    Publishing the same words again says that they still hold, or that a person checked what a
    machine wrote. Raises TranslationChanged, SourceMoved, TranslationEmpty and NotThere.
    """
    before = _before(session, wording, lang)
    if (before.version if before else 0) != version:
        raise TranslationChanged
    if _add(session, wording, before, lang=lang, origin=None, staff_id=staff_id, now=now):
        turn_edition(session)
    _commit(session)


def import_translations(
    session: Session,
    wordings: Sequence[Wording],
    *,
    lang: str,
    origin: Origin,
    staff_id: int,
    now: datetime,
) -> int:
    """Publish what came back from outside, all of it or nothing; returns how many texts changed.

    Raises as `publish_translation` does.
    """
    changed = 0
    for wording in wordings:
        before = _before(session, wording, lang)
        changed += _add(
            session, wording, before, lang=lang, origin=origin, staff_id=staff_id, now=now
        )
    if changed:
        turn_edition(session)
    _commit(session)
    return changed


def put_term(
    session: Session,
    *,
    lang: str,
    source: str,
    target: str,
    note: str,
    staff_id: int,
    now: datetime,
) -> None:
    """Add a term to the glossary. Raises TermEmpty and TermKnown."""
    if not source or not target:
        raise TermEmpty
    term = GlossaryTerm(lang=lang, source=source, target=target, note=note)
    session.add(term)
    try:
        session.flush()
    except IntegrityError as error:
        session.rollback()
        raise TermKnown from error
    _note(session, "glossary.term-added", f"term:{term.id}", staff_id, now, _facts(term))
    session.commit()


def remove_term(session: Session, term_id: int, *, staff_id: int, now: datetime) -> None:
    """Take a term out of the glossary; removing it twice is removing it once."""
    term = session.get(GlossaryTerm, term_id)
    if term is None:
        return session.rollback()
    _note(session, "glossary.term-removed", f"term:{term.id}", staff_id, now, _facts(term))
    session.delete(term)
    session.commit()
    return None


def _before(session: Session, wording: Wording, lang: str) -> TextVersion | None:
    """The translation that stands, when these words were made from the Japanese that stands."""
    if lang == SOURCE_LANGUAGE:
        raise NotThere
    if not wording.body:
        raise TranslationEmpty
    latest = latest_versions(session, [wording.text_id], {SOURCE_LANGUAGE, lang})
    source = latest.get((wording.text_id, SOURCE_LANGUAGE))
    if source is None:
        raise NotThere
    if source.version != wording.source_version:
        raise SourceMoved
    return latest.get((wording.text_id, lang))


def _add(
    session: Session,
    wording: Wording,
    before: TextVersion | None,
    *,
    lang: str,
    origin: Origin | None,
    staff_id: int,
    now: datetime,
) -> bool:
    same = before is not None and before.body == wording.body
    if origin is None:
        checked = same and before is not None and before.origin is not Origin.PERSON
        origin = Origin.CHECKED if checked else Origin.PERSON
    stands = (before.source_version, before.origin) if before else None
    if same and stands == (wording.source_version, origin):
        return False
    made = TextVersion(
        text_id=wording.text_id,
        lang=lang,
        version=before.version + 1 if before else 1,
        body=wording.body,
        source_version=wording.source_version,
        origin=origin,
        made_at=now,
        staff_id=staff_id,
    )
    session.add(made)
    facts: dict[str, object] = {"lang": lang, "body": wording.body, "origin": origin}
    _note(session, "translation.published", f"text:{wording.text_id}", staff_id, now, facts)
    return True


def _commit(session: Session) -> None:
    try:
        session.commit()
    except IntegrityError as error:  # someone else published between our look and our hand
        session.rollback()
        raise TranslationChanged from error


def _facts(term: GlossaryTerm) -> dict[str, object]:
    return {"lang": term.lang, "source": term.source, "target": term.target, "note": term.note}


def _note(
    session: Session,
    action: str,
    subject: str,
    staff_id: int,
    now: datetime,
    facts: dict[str, object],
) -> None:
    record(session, actor=f"staff:{staff_id}", action=action, subject=subject, now=now, after=facts)

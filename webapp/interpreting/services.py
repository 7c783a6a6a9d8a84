"""People's use cases: publishing a translation of a comment, forgetting what holds no more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.models import Comment
from webapp.interpreting.models import CommentTranslation, TranslationTry
from webapp.interpreting.queries import Work, outdated, work_on_comment
from webapp.interpreting.rules import CommentMoved, source_digest
from webapp.measures.models import Origin
from webapp.measures.services import turn_edition
from webapp.orm import changed_rows
from webapp.refusal import NotThere
from webapp.translating.rules import TranslationChanged, TranslationEmpty

BATCH = 500


def publish_translation(
    session: Session,
    comment_id: int,
    body: str,
    *,
    lang: str,
    version: int,
    source: str,
    staff_id: int,
    now: datetime,
) -> None:
    """Let readers of `lang` read this of a comment; `version` is that of the translation read.

    `source` names the published text it was made from. What a machine wrote becomes checked by
    a person. Raises NotThere, CommentMoved, TranslationChanged and TranslationEmpty.
    """
    if not body:
        raise TranslationEmpty
    work = work_on_comment(session, comment_id, lang)
    if work is None:
        raise NotThere
    if work.source != source:
        raise CommentMoved
    if work.version != version:
        raise TranslationChanged
    origin = _origin_after(work.translation)
    _write(session, work, body, lang=lang, origin=origin, staff_id=staff_id, now=now)
    session.execute(
        delete(TranslationTry).where(
            TranslationTry.comment_id == comment_id,
            TranslationTry.lang == lang,
            TranslationTry.reserved == 0,
        )
    )
    record(
        session,
        actor=f"staff:{staff_id}",
        action="comment.translated",
        subject=f"comment:{comment_id}",
        now=now,
        after={"lang": lang, "body": body, "origin": origin},
    )
    turn_edition(session)
    session.commit()


def forget_outdated(session: Session) -> int:
    """Delete translations of what nobody can read now; returns how many.

    A comment that has a new version and says the same keeps its translations.
    """
    forgotten = 0
    while found := outdated(session, BATCH):
        for translation, published in found:
            forgotten += _forget_or_keep(session, translation, published)
        session.commit()
    moved = select(Comment.id).where(
        Comment.id == TranslationTry.comment_id, Comment.version != TranslationTry.comment_version
    )
    session.execute(
        delete(TranslationTry)
        .where(moved.exists(), TranslationTry.reserved == 0)
        .execution_options(synchronize_session=False)
    )
    session.commit()
    return forgotten


def _origin_after(before: CommentTranslation | None) -> Origin:
    return Origin.PERSON if before is None or before.origin is Origin.PERSON else Origin.CHECKED


def _write(
    session: Session,
    work: Work,
    body: str,
    *,
    lang: str,
    origin: Origin,
    staff_id: int,
    now: datetime,
) -> None:
    """Put the new wording in place of the one that was read, or of one that no longer holds."""
    stored = session.get(CommentTranslation, (work.comment_id, lang))
    values = {
        "version": stored.version + 1 if stored else 1,
        "comment_version": select(Comment.version)
        .where(Comment.id == work.comment_id)
        .scalar_subquery(),
        "source_digest": work.source,
        "body": body,
        "origin": origin,
        "provider": stored.provider if stored and origin is Origin.CHECKED else None,
        "staff_id": staff_id,
        "made_at": now,
    }
    if stored is None:
        statement = insert(CommentTranslation).values(
            comment_id=work.comment_id, lang=lang, **values
        )
        try:
            session.execute(statement)
        except IntegrityError as error:  # someone else published between our look and our hand
            session.rollback()
            raise TranslationChanged from error
        return
    placed = session.execute(
        update(CommentTranslation)
        .where(
            CommentTranslation.comment_id == work.comment_id,
            CommentTranslation.lang == lang,
            CommentTranslation.version == stored.version,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    session.expire(stored)
    if not changed_rows(placed):
        session.rollback()
        raise TranslationChanged


def _forget_or_keep(
    session: Session, translation: CommentTranslation, published: str | None
) -> int:
    """One outdated translation: deleted, or noted as holding for the comment's new version."""
    here = (
        CommentTranslation.comment_id == translation.comment_id,
        CommentTranslation.lang == translation.lang,
        CommentTranslation.source_digest == translation.source_digest,
    )
    quietly = {"synchronize_session": False}
    if published is not None and source_digest(published) == translation.source_digest:
        version = select(Comment.version).where(Comment.id == translation.comment_id)
        session.execute(
            update(CommentTranslation)
            .where(*here)
            .values(comment_version=version.scalar_subquery())
            .execution_options(**quietly)
        )
        return 0
    gone = session.execute(delete(CommentTranslation).where(*here).execution_options(**quietly))
    return changed_rows(gone)

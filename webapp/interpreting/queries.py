"""Which translations hold, which comments lack one, and how the machine is doing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.queries import is_visible
from webapp.interpreting.models import (
    CommentTranslation,
    MachineMonth,
    TranslationProvider,
    TranslationTry,
)
from webapp.interpreting.rules import Purpose, Shown, month_of, source_digest
from webapp.measures.models import Origin

PAGE = 25
STEP = 500
MOST_LISTED = 20


class Wanted(StrEnum):
    """What a translator looks for: comments that lack a translation, or have a machine's."""

    MISSING = "missing"
    MACHINE = "machine"


@dataclass(frozen=True)
class Work:
    """A published text with the translation that holds for it, if there is one."""

    comment_id: int
    text: str
    language: str
    received_at: datetime
    translation: CommentTranslation | None

    @property
    def source(self) -> str:
        return source_digest(self.text)

    @property
    def version(self) -> int:
        """That of the translation, as a form names it; 0 when there is none."""
        return self.translation.version if self.translation else 0


@dataclass(frozen=True)
class WorkPage:
    """Some work; `following` is the key of the page that follows."""

    items: tuple[Work, ...]
    following: int | None


@dataclass(frozen=True)
class Standing:
    """How machine translation stands this month. `used` and `reserved` are characters."""

    used: int
    reserved: int
    provider: TranslationProvider | None
    dead: Sequence[TranslationTry]
    troubled: Sequence[TranslationTry]


def translations_of(session: Session, ids: Sequence[int], lang: str) -> Mapping[int, Shown]:
    """The translations into `lang` that hold now, by comment id, for comments anyone may read."""
    found: dict[int, Shown] = {}
    for some in _steps(sorted(set(ids))):
        rows = session.execute(
            select(CommentTranslation, Comment.published_text)
            .join(Comment, Comment.id == CommentTranslation.comment_id)
            .where(
                CommentTranslation.comment_id.in_(some),
                CommentTranslation.lang == lang,
                Comment.language != lang,
                is_visible(),
            )
        )
        for translation, published in rows:
            if _holds(translation, published):
                found[translation.comment_id] = Shown(
                    translation.body, translation.lang, translation.origin, published or ""
                )
    return found


def translations_on(session: Session, comment_id: int) -> Sequence[CommentTranslation]:
    """Every translation of a comment that holds now, by language."""
    rows = session.execute(
        select(CommentTranslation, Comment.published_text)
        .join(Comment, Comment.id == CommentTranslation.comment_id)
        .where(CommentTranslation.comment_id == comment_id, is_visible())
        .order_by(CommentTranslation.lang)
    )
    return [translation for translation, published in rows if _holds(translation, published)]


def work_in(
    session: Session,
    lang: str,
    wanted: Wanted,
    *,
    beyond: int | None = None,
    oldest_first: bool = False,
    size: int = PAGE,
) -> WorkPage:
    """Comments for translators into `lang`, beyond the key `beyond` in their order."""
    is_machine = and_(_is_current(), CommentTranslation.origin == Origin.MACHINE)
    asked = is_machine if wanted is Wanted.MACHINE else or_(~_is_current(), _is_absent())
    statement = _work(lang).where(asked)
    if beyond is not None:
        statement = statement.where(Comment.id > beyond if oldest_first else Comment.id < beyond)
    order = Comment.id if oldest_first else Comment.id.desc()
    rows = session.execute(statement.order_by(order).limit(size + 1)).all()
    items = tuple(_as_work(*row) for row in rows[:size])
    return WorkPage(items, items[-1].comment_id if len(rows) > size else None)


def work_on_comment(session: Session, comment_id: int, lang: str) -> Work | None:
    """A comment that anyone may read and that is in another language than `lang`."""
    row = session.execute(_work(lang).where(Comment.id == comment_id)).one_or_none()
    return _as_work(*row) if row else None


def untranslated(session: Session, lang: str, now: datetime, limit: int) -> Sequence[int]:
    """Comments that a machine may translate into `lang` now, the newest first."""
    busy = (
        select(TranslationTry.comment_id)
        .where(
            TranslationTry.comment_id == Comment.id,
            TranslationTry.lang == lang,
            or_(
                TranslationTry.dead_at.is_not(None),
                TranslationTry.due_at > now,
                TranslationTry.lease_ends_at > now,
            ),
        )
        .exists()
    )
    return session.scalars(
        select(Comment.id)
        .where(is_visible(), Comment.language != lang, ~_has_translation(lang), ~busy)
        .order_by(Comment.id.desc())
        .limit(limit)
    ).all()


def outdated(session: Session, limit: int) -> Sequence[tuple[CommentTranslation, str | None]]:
    """Translations made from another version of a comment, with its published text now."""
    rows = session.execute(
        select(CommentTranslation, Comment.published_text)
        .join(Comment, Comment.id == CommentTranslation.comment_id)
        .where(~_is_current())
        .limit(limit)
    )
    return [(translation, published) for translation, published in rows]


def is_paused(session: Session, name: str, now: datetime) -> bool:
    """Whether this provider is left in peace now."""
    until = session.scalar(
        select(TranslationProvider.paused_until).where(TranslationProvider.name == name)
    )
    return until is not None and until > now


def standing(session: Session, name: str, now: datetime) -> Standing:
    """How the provider of this name stands."""
    month = session.get(MachineMonth, (month_of(now), Purpose.TRANSLATING))
    tries = select(TranslationTry).order_by(TranslationTry.comment_id.desc()).limit(MOST_LISTED)
    return Standing(
        used=month.used if month else 0,
        reserved=month.reserved if month else 0,
        provider=session.get(TranslationProvider, name) if name else None,
        dead=session.scalars(tries.where(TranslationTry.dead_at.is_not(None))).all(),
        troubled=session.scalars(
            tries.where(TranslationTry.dead_at.is_(None), TranslationTry.last_error.is_not(None))
        ).all(),
    )


def _work(lang: str) -> Select[int, str | None, str, datetime, CommentTranslation]:
    return (
        select(
            Comment.id,
            Comment.published_text,
            Comment.language,
            Comment.received_at,
            CommentTranslation,
        )
        .outerjoin(
            CommentTranslation,
            and_(CommentTranslation.comment_id == Comment.id, CommentTranslation.lang == lang),
        )
        .where(is_visible(), Comment.language != lang)
    )


def _as_work(
    comment_id: int,
    published: str | None,
    language: str,
    received_at: datetime,
    translation: CommentTranslation | None,
) -> Work:
    holds = translation is not None and _holds(translation, published)
    return Work(comment_id, published or "", language, received_at, translation if holds else None)


def _holds(translation: CommentTranslation, published: str | None) -> bool:
    return published is not None and translation.source_digest == source_digest(published)


def _is_current() -> ColumnElement[bool]:
    return CommentTranslation.comment_version == Comment.version


def _is_absent() -> ColumnElement[bool]:
    return CommentTranslation.comment_id.is_(None)


def _has_translation(lang: str) -> ColumnElement[bool]:
    return (
        select(CommentTranslation.comment_id)
        .where(CommentTranslation.comment_id == Comment.id, CommentTranslation.lang == lang)
        .exists()
    )


def _steps(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + STEP] for start in range(0, len(ids), STEP))

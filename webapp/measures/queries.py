"""Reading the programme: its tree with the words of one language, and its periods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.measures.models import (
    CommentPeriod,
    Edition,
    Entry,
    Measure,
    Origin,
    Stage,
    TextVersion,
)
from webapp.measures.rules import (
    SOURCE_LANGUAGE,
    AskedIdentity,
    EntryKind,
    Period,
    Phase,
    current,
    days_left,
    phase,
)


@dataclass(frozen=True)
class Words:
    """A text as one reader gets it. `lang` is the language of `body`, not the one asked for.

    `stale_since` is when the Japanese moved on after this translation was made; `by_machine` says
    that a machine made it and no person has checked it.
    """

    body: str
    lang: str
    stale_since: datetime | None = None
    by_machine: bool = False

    def __str__(self) -> str:
        return self.body


@dataclass(frozen=True)
class Line:
    """An entry of the programme with its words and what stands under it."""

    id: int
    kind: EntryKind
    code: str
    words: Words
    children: tuple[Line, ...] = ()

    def walk(self) -> Iterable[Line]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class StageOutline:
    """A stage as a page shows it: its words, its period as of now, its tree of lines."""

    id: int
    slug: str
    title: Words
    notice: Words
    entries: tuple[Line, ...]
    periods: tuple[Period, ...]
    phase: Phase = Phase.ANNOUNCED
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    why_shorter: str | None = None
    days_left: int | None = None
    identity: AskedIdentity | None = None
    _by_code: dict[str, Line] = field(repr=False, default_factory=dict)
    _by_id: dict[int, Line] = field(repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        if self._by_code:  # the same stage at another time keeps them
            return
        for line in self.walk():
            self._by_code[line.code] = line
            self._by_id[line.id] = line

    def at(self, now: datetime) -> StageOutline:
        """The same stage with its period as of `now`."""
        period = current(self.periods, now)
        if period is None:
            return self
        return replace(
            self,
            phase=phase(period.opens_at, period.closes_at, now, answered=period.answered),
            opens_at=period.opens_at,
            closes_at=period.closes_at,
            why_shorter=period.why_shorter,
            days_left=days_left(period.closes_at, now),
            identity=period.identity,
        )

    def walk(self) -> Iterable[Line]:
        for entry in self.entries:
            yield from entry.walk()

    def line(self, code: str) -> Line | None:
        return self._by_code.get(code)

    def measure(self, code: str) -> Line | None:
        """The measure of this code; None where no entry, or one of another kind, has it."""
        line = self.line(code)
        return line if line is not None and line.kind is EntryKind.MEASURE else None

    def line_with_id(self, entry_id: int) -> Line | None:
        return self._by_id.get(entry_id)

    @property
    def measures(self) -> tuple[Line, ...]:
        return tuple(line for line in self.walk() if line.kind is EntryKind.MEASURE)

    @property
    def pillars(self) -> tuple[Line, ...]:
        return tuple(line for line in self.walk() if line.kind is EntryKind.PILLAR)

    def path_to(self, code: str) -> tuple[Line, ...]:
        """The lines above this one, from the top down."""

        def search(lines: Sequence[Line], above: tuple[Line, ...]) -> tuple[Line, ...] | None:
            for line in lines:
                if line.code == code:
                    return above
                found = search(line.children, (*above, line))
                if found is not None:
                    return found
            return None

        return search(self.entries, ()) or ()


def all_stages(session: Session) -> Sequence[Stage]:
    return session.scalars(select(Stage).order_by(Stage.id.desc())).all()


def stage_by_slug(session: Session, slug: str) -> Stage | None:
    return session.scalar(select(Stage).where(Stage.slug == slug))


def measure_by_code(session: Session, stage: str, code: str) -> Measure | None:
    """The measure of this stage that takes comments under this code."""
    return session.scalar(
        select(Measure)
        .join(Stage, Stage.id == Measure.stage_id)
        .where(Stage.slug == stage, Measure.code == code, Measure.withdrawn_at.is_(None))
    )


def entry_by_code(session: Session, stage_id: int, code: str) -> Entry | None:
    return session.scalar(select(Entry).where(Entry.stage_id == stage_id, Entry.code == code))


def periods_of(session: Session, stage_id: int) -> Sequence[CommentPeriod]:
    """Every period of a stage, the first to open first."""
    return session.scalars(
        select(CommentPeriod)
        .where(CommentPeriod.stage_id == stage_id)
        .order_by(CommentPeriod.opens_at)
    ).all()


def current_period(session: Session, stage_id: int, now: datetime) -> CommentPeriod | None:
    """The period that is open; else the next to open; else the last that closed."""
    return current(periods_of(session, stage_id), now)


def edition_number(session: Session) -> int:
    return session.scalar(select(Edition.number)) or 0


def stage_outline(
    session: Session, stage: Stage, lang: str, now: datetime, *, with_withdrawn: bool = False
) -> StageOutline:
    """The whole stage in one language, in three reads whatever its size."""
    rows = session.execute(
        select(Entry.id, Entry.parent_id, Entry.kind, Entry.code, Entry.text_id, Entry.withdrawn_at)
        .where(Entry.stage_id == stage.id)
        .order_by(Entry.position)
    ).all()
    shown = [row for row in rows if with_withdrawn or row.withdrawn_at is None]
    words = _words(session, [stage.title_id, stage.notice_id, *(r.text_id for r in shown)], lang)
    below: dict[int | None, list[Line]] = defaultdict(list)
    for row in reversed(shown):  # children stand after their parents, so they are ready first
        below[row.parent_id].insert(
            0, Line(row.id, row.kind, row.code, words[row.text_id], tuple(below.pop(row.id, ())))
        )
    return StageOutline(
        id=stage.id,
        slug=stage.slug,
        title=words[stage.title_id],
        notice=words[stage.notice_id],
        entries=tuple(below[None]),
        periods=tuple(
            Period(
                period.opens_at,
                period.closes_at,
                period.why_shorter,
                _asked(period, lang),
                answered=period.answered_at is not None,
            )
            for period in periods_of(session, stage.id)
        ),
    ).at(now)


def _asked(period: CommentPeriod, lang: str) -> AskedIdentity | None:
    if period.identity_purpose is None or period.purge_identity_at is None:
        return None
    spoken = lang if lang in period.identity_purpose else SOURCE_LANGUAGE
    return AskedIdentity(period.identity_purpose[spoken], spoken, period.purge_identity_at)


def latest_versions(
    session: Session,
    text_ids: Iterable[int],
    langs: Iterable[str],
    *which: ColumnElement[bool],
) -> dict[tuple[int, str], TextVersion]:
    """The last version of each text in each of these languages, where there is one.

    Of those that fulfil all conditions; without any, the current version.
    """
    latest: dict[tuple[int, str], TextVersion] = {}
    for version in session.scalars(
        select(TextVersion)
        .where(TextVersion.text_id.in_(list(text_ids)), TextVersion.lang.in_(list(langs)), *which)
        .order_by(TextVersion.version)
    ):
        latest[version.text_id, version.lang] = version
    return latest


def _words(session: Session, text_ids: Sequence[int], lang: str) -> dict[int, Words]:
    latest = latest_versions(session, text_ids, {lang, SOURCE_LANGUAGE})
    return {
        text_id: _choose(latest[text_id, SOURCE_LANGUAGE], latest.get((text_id, lang)))
        for text_id in text_ids
    }


def _choose(source: TextVersion, wanted: TextVersion | None) -> Words:
    if wanted is None:
        return Words(source.body, source.lang)
    stale = wanted.source_version is not None and wanted.source_version < source.version
    by_machine = wanted.origin is Origin.MACHINE
    return Words(wanted.body, wanted.lang, source.made_at if stale else None, by_machine)

"""Changing the programme: loading it, opening a period, and turning the edition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.measures.models import (
    CommentPeriod,
    Edition,
    Entry,
    Origin,
    ProgrammeText,
    Stage,
    TextVersion,
)
from webapp.measures.queries import latest_versions, stage_by_slug
from webapp.measures.rules import (
    SOURCE_LANGUAGE,
    EntryMoved,
    IdentityAskedAlready,
    IdentityRequest,
    PeriodNeedsReason,
    Programme,
    is_full_length,
)
from webapp.measures.rules import Entry as FileEntry
from webapp.orm import changed_rows


@dataclass
class Loaded:
    """What loading a programme changed: counts of lines and of texts."""

    added: int = 0
    changed: int = 0
    withdrawn: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.withdrawn)


def turn_edition(session: Session) -> None:
    """Say that something anyone can see has changed. Commits nothing: it goes with the change."""
    turned = session.execute(update(Edition).values(number=Edition.number + 1))
    if changed_rows(turned) == 0:
        session.add(Edition(id=1, number=1))


def load_programme(session: Session, programme: Programme, *, by: str, now: datetime) -> Loaded:
    """Make the stage say what the file says. Loading the same file again changes nothing.

    A changed Japanese text becomes a new version; a translation that the file leaves as it was
    keeps pointing at the version it was made from, and so is stale. What translators published at
    their desk stays until the file itself says something new. A line the file no longer has
    is withdrawn, not deleted: comments point at it.

    Raises EntryMoved when a code stands for another kind of line than before.
    """
    loaded = Loaded()
    stage = stage_by_slug(session, programme.slug) or _new_stage(session, programme.slug, loaded)
    texts = [(stage.title_id, programme.title), (stage.notice_id, programme.notice)]
    known = {
        entry.code: entry
        for entry in session.scalars(select(Entry).where(Entry.stage_id == stage.id))
    }
    for position, (parent_code, line) in enumerate(_in_order(programme.entries)):
        entry = known.get(line.code) or _new_entry(session, stage, line, loaded)
        if entry.kind is not line.kind:
            raise EntryMoved(code=line.code)
        known[line.code] = entry
        parent_id = known[parent_code].id if parent_code else None
        _place(entry, parent_id, position, loaded)
        texts.append((entry.text_id, line.texts))
    _withdraw_missing(known.values(), {e.code for e in programme.all_entries()}, now, loaded)
    _say(session, texts, now, loaded)
    if loaded:
        record(
            session,
            actor=by,
            action="programme.loaded",
            subject=f"stage:{stage.id}",
            now=now,
            after={"slug": stage.slug, "texts": [[i, dict(t)] for i, t in texts]},
        )
        turn_edition(session)
    session.commit()
    return loaded


def open_period(
    session: Session,
    stage: Stage,
    *,
    opens_at: datetime,
    closes_at: datetime,
    why_shorter: str | None,
    by: str,
    now: datetime,
    identity: IdentityRequest | None = None,
) -> CommentPeriod:
    """Announce a comment period. Raises PeriodNeedsReason when it is shorter than 30 days.

    With an `identity` the form asks for name and address. Raises what its `check` raises.
    """
    if not is_full_length(opens_at, closes_at) and not why_shorter:
        raise PeriodNeedsReason
    if identity is not None:
        identity.check(closes_at)
    period = CommentPeriod(
        stage_id=stage.id,
        opens_at=opens_at,
        closes_at=closes_at,
        why_shorter=why_shorter,
        identity_purpose=dict(identity.purpose) if identity else None,
        purge_identity_at=identity.purge_on if identity else None,
    )
    session.add(period)
    session.flush()
    record(
        session,
        actor=by,
        action="period.announced",
        subject=f"period:{period.id}",
        now=now,
        after={
            "opens_at": opens_at,
            "closes_at": closes_at,
            "identity_purpose": period.identity_purpose,
            "purge_identity_at": period.purge_identity_at,
        },
    )
    turn_edition(session)
    session.commit()
    return period


def begin_asking_identity(
    session: Session, period: CommentPeriod, identity: IdentityRequest, *, by: str, now: datetime
) -> None:
    """From now on, the form of this period asks for name and address.

    Comments sent before stay as they are, without names, and are treated alike: their authors
    were told that none is needed. Raises IdentityAskedAlready and what `identity.check` raises.
    """
    if period.asks_identity:
        raise IdentityAskedAlready
    identity.check(period.closes_at)
    period.identity_purpose = dict(identity.purpose)
    period.purge_identity_at = identity.purge_on
    record(
        session,
        actor=by,
        action="period.identity-asked",
        subject=f"period:{period.id}",
        now=now,
        after={
            "identity_purpose": period.identity_purpose,
            "purge_identity_at": period.purge_identity_at,
        },
    )
    turn_edition(session)
    session.commit()


def _new_text(session: Session) -> int:
    text = ProgrammeText()
    session.add(text)
    session.flush()
    return text.id


def _new_stage(session: Session, slug: str, loaded: Loaded) -> Stage:
    stage = Stage(slug=slug, title_id=_new_text(session), notice_id=_new_text(session))
    session.add(stage)
    session.flush()
    loaded.added += 1
    return stage


def _new_entry(session: Session, stage: Stage, line: FileEntry, loaded: Loaded) -> Entry:
    entry = Entry(
        stage_id=stage.id,
        kind=line.kind,
        code=line.code,
        position=0,
        text_id=_new_text(session),
    )
    session.add(entry)
    session.flush()
    loaded.added += 1
    return entry


def _place(entry: Entry, parent_id: int | None, position: int, loaded: Loaded) -> None:
    before = (entry.parent_id, entry.position, entry.withdrawn_at)
    entry.parent_id, entry.position, entry.withdrawn_at = parent_id, position, None
    if before != (parent_id, position, None) and before != (None, 0, None):
        loaded.changed += 1


def _in_order(
    entries: tuple[FileEntry, ...], parent: str | None = None
) -> Iterator[tuple[str | None, FileEntry]]:
    for entry in entries:
        yield parent, entry
        yield from _in_order(entry.children, entry.code)


def _withdraw_missing(entries: object, codes: set[str], now: datetime, loaded: Loaded) -> None:
    for entry in entries:  # type: ignore[attr-defined]
        if entry.code not in codes and entry.withdrawn_at is None:
            entry.withdrawn_at = now
            loaded.withdrawn += 1


def _say(
    session: Session,
    texts: list[tuple[int, Mapping[str, str]]],
    now: datetime,
    loaded: Loaded,
) -> None:
    langs = {lang for _, words in texts for lang in words}
    ids = [text_id for text_id, _ in texts]
    latest = latest_versions(session, ids, langs)
    from_file = latest_versions(session, ids, langs, TextVersion.staff_id.is_(None))
    for text_id, words in texts:
        source = latest.get((text_id, SOURCE_LANGUAGE))
        source_version = source.version if source else 0
        if source is None or source.body != words[SOURCE_LANGUAGE]:
            source_version += 1
        for lang, body in words.items():
            before, filed = latest.get((text_id, lang)), from_file.get((text_id, lang))
            if before is not None and body in (before.body, filed.body if filed else None):
                continue
            session.add(
                TextVersion(
                    text_id=text_id,
                    lang=lang,
                    version=before.version + 1 if before else 1,
                    body=body,
                    source_version=None if lang == SOURCE_LANGUAGE else source_version,
                    origin=Origin.PERSON,
                    made_at=now,
                )
            )
            loaded.changed += before is not None

"""Loading a programme: any shape, twice the same, changes as versions, faults as nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests import build
from webapp.audit.models import AuditEntry
from webapp.comments.models import Comment
from webapp.demonstration import PROGRAMME
from webapp.measures.forms import read_programme
from webapp.measures.models import Entry, Stage, TextVersion
from webapp.measures.queries import edition_number, stage_by_slug, stage_outline
from webapp.measures.rules import Entry as FileEntry
from webapp.measures.rules import EntryKind, EntryMoved, PeriodNeedsReason, Phase, Programme, phase
from webapp.measures.services import load_programme, open_period

Load = Callable[[Programme], object]


@pytest.fixture
def load(session: Session, now: datetime) -> Load:
    return lambda programme: load_programme(session, programme, by="test", now=now)


def rows(session: Session, *models: type) -> list[int]:
    return [session.scalar(select(func.count()).select_from(model)) or 0 for model in models]


def stage_of(session: Session, slug: str = "5th") -> Stage:
    stage = stage_by_slug(session, slug)
    assert stage is not None
    return stage


def with_measure(code: str, ja: str, en: str) -> Programme:
    """The small programme with one measure said otherwise."""
    programme = build.programme()
    pillar = programme.entries[0]
    said = {m.code: m for m in pillar.children}
    said[code] = replace(said[code], texts={"ja": ja, "en": en})
    return replace(
        programme, entries=(replace(pillar, children=tuple(said.values())), *programme.entries[1:])
    )


def test_the_programme_of_the_city_has_five_pillars_25_measures_and_50_actions(
    load: Load, session: Session, now: datetime
) -> None:
    load(read_programme(PROGRAMME))
    for lang in ("ja", "en"):
        outline = stage_outline(session, stage_of(session), lang, now)
        kinds = [line.kind for line in outline.walk()]

        assert kinds.count(EntryKind.PILLAR) == 5
        assert kinds.count(EntryKind.MEASURE) == 25
        assert kinds.count(EntryKind.ACTION) == 50
        assert {line.words.lang for line in outline.walk()} == {lang}
        assert [line.code for line in outline.measures][:6] == [
            "1-1",
            "1-2",
            "1-3",
            "1-4",
            "1-5",
            "2-1",
        ]


def test_loading_twice_changes_nothing(load: Load, session: Session) -> None:
    load(build.programme())
    before = rows(session, Entry, TextVersion, AuditEntry), edition_number(session)
    loaded = load(build.programme())

    assert not loaded
    assert (rows(session, Entry, TextVersion, AuditEntry), edition_number(session)) == before


def test_a_changed_text_is_a_new_version_and_makes_its_translation_stale(
    load: Load, session: Session, now: datetime
) -> None:
    load(build.programme())
    was = "We make the roads safe in winter."
    load(with_measure("1-1", "冬も夏も道路を安全にします。", was))
    outline = stage_outline(session, stage_of(session), "en", now)
    stale = [line.code for line in outline.walk() if line.words.stale_since]
    versions = session.scalars(
        select(TextVersion.version)
        .join(Entry, Entry.text_id == TextVersion.text_id)
        .where(Entry.code == "1-1", TextVersion.lang == "ja")
    ).all()

    assert stale == ["1-1"]
    assert sorted(versions) == [1, 2]

    load(with_measure("1-1", "冬も夏も道路を安全にします。", "We make the roads safe all year."))
    outline = stage_outline(session, stage_of(session), "en", now)

    assert not [line for line in outline.walk() if line.words.stale_since]


def test_a_missing_translation_shows_the_japanese_and_says_so(
    load: Load, session: Session, now: datetime
) -> None:
    load(build.programme())
    outline = stage_outline(session, stage_of(session), "vi", now)

    assert {line.words.lang for line in outline.walk()} == {"ja"}


def test_a_line_that_is_gone_is_withdrawn_and_its_comments_stay(
    load: Load, session: Session, now: datetime
) -> None:
    stage = build.stage(session, opens_at=now)
    build.comment(session, build.measure(session, stage, "1-2"), text="本を増やして。", now=now)
    programme = build.programme()
    pillar = programme.entries[0]
    load(
        replace(
            programme,
            entries=(replace(pillar, children=pillar.children[:1]), *programme.entries[1:]),
        )
    )
    shown = stage_outline(session, stage_of(session), "ja", now)

    assert shown.line("1-2") is None
    assert rows(session, Comment) == [1]

    load(programme)
    again = stage_outline(session, stage_of(session), "ja", now)

    assert again.line("1-2") is not None


def test_another_stage_of_another_shape_stands_beside_the_first(
    load: Load, session: Session, now: datetime
) -> None:
    flat = Programme(
        slug="6th",
        title={"ja": "別のステージ"},
        notice={"ja": "別の計画です。"},
        entries=tuple(
            FileEntry(EntryKind.MEASURE, str(n), {"ja": f"施策{n}"}) for n in range(1, 4)
        ),
    )
    load(build.programme())
    load(flat)
    outline = stage_outline(session, stage_of(session, "6th"), "ja", now)

    assert [line.code for line in outline.measures] == ["1", "2", "3"]
    assert len(stage_outline(session, stage_of(session), "ja", now).measures) == 3


def test_a_code_cannot_come_to_mean_another_kind_and_nothing_is_half_loaded(
    load: Load, session: Session
) -> None:
    load(build.programme())
    before = rows(session, Entry, TextVersion)
    bent = replace(
        build.programme(),
        entries=(
            FileEntry(EntryKind.MEASURE, "3", {"ja": "新しい施策"}),
            FileEntry(EntryKind.MEASURE, "1", {"ja": "柱だったもの"}),
        ),
    )

    with pytest.raises(EntryMoved):
        load(bent)
    session.rollback()
    assert rows(session, Entry, TextVersion) == before


def test_a_malformed_file_is_refused_with_its_line_and_loads_nothing(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    file = tmp_path / "programme.yaml"
    lines = PROGRAMME.read_text(encoding="utf-8").splitlines()
    broken = next(n for n, line in enumerate(lines) if line.strip().startswith("en:") and n > 60)
    lines[broken] = lines[broken].replace("en:", "eng-:")
    file.write_text("\n".join(lines), encoding="utf-8")
    result = app.test_cli_runner().invoke(args=["programme", "load", str(file)])

    assert result.exit_code != 0
    assert f"programme.yaml:{broken + 1}: " in result.output
    assert rows(session, Stage, Entry, TextVersion) == [0, 0, 0]


def test_a_short_period_needs_a_published_reason(session: Session, now: datetime) -> None:
    stage = build.stage(session, opens_at=now)

    with pytest.raises(PeriodNeedsReason):
        open_period(
            session,
            stage,
            opens_at=now,
            closes_at=now + timedelta(days=29, hours=23),
            why_shorter=None,
            by="test",
            now=now,
        )


def test_dates_alone_open_and_close_a_period(now: datetime) -> None:
    opens_at, closes_at = now, now + timedelta(days=30)
    instant = timedelta(microseconds=1)

    assert phase(opens_at, closes_at, opens_at - instant) is Phase.ANNOUNCED
    assert phase(opens_at, closes_at, opens_at) is Phase.OPEN
    assert phase(opens_at, closes_at, closes_at - instant) is Phase.OPEN
    assert phase(opens_at, closes_at, closes_at) is Phase.UNDER_REVIEW
    assert phase(opens_at, closes_at, closes_at, answered=True) is Phase.ANSWERED

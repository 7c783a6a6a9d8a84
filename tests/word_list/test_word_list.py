"""The word list: on trial it counts, watched it flags, and decisions are left alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import build
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.audit.models import AuditEntry
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.moderation.models import Flag
from webapp.moderation.rules import Verdict
from webapp.moderation.services import decide
from webapp.word_list.models import WatchedWord
from webapp.word_list.queries import current_list, waiting_texts
from webapp.word_list.rules import AlreadyListed, ChangedMeanwhile, Looked, WordState
from webapp.word_list.services import change_word, flag_words, list_word, note_sweep
from worker import screening, words


@pytest.fixture
def administrator(session: Session) -> Staff:
    return build.staff(session, Role.ADMINISTRATOR)


@pytest.fixture
def listed(session: Session, administrator: Staff, now: datetime) -> Callable[..., WatchedWord]:
    """List a word; it flags unless `trial` is asked for."""

    def listed(said: str, *, trial: bool = False) -> WatchedWord:
        word = list_word(session, said, reason="試験", staff_id=administrator.id, now=now)
        if not trial:
            put(session, word, WordState.WATCHED, administrator, now)
        return word

    return listed


def put(session: Session, word: WatchedWord, state: WordState, by: Staff, now: datetime) -> None:
    before = session.scalar(select(WatchedWord.state).where(WatchedWord.id == word.id))
    assert before is not None
    change_word(
        session, word.id, before=before, state=state, reason="試験", staff_id=by.id, now=now
    )


def flags(session: Session) -> list[tuple[int, str, int, int]]:
    session.rollback()
    return [
        (flag.comment_id, flag.detail, flag.start, flag.end)
        for flag in session.scalars(
            select(Flag).where(Flag.rule == "watched-word").order_by(Flag.comment_id, Flag.start)
        )
    ]


def test_a_screened_comment_is_flagged_with_the_entry_and_its_span(
    session: Session, make_comment: Callable[..., Comment], listed: Callable[..., WatchedWord]
) -> None:
    listed("除雪車")
    comment = make_comment("朝の除雪車が遅い。サイクルロードも。").id
    listed("イク")
    screening.screen_all(session)

    assert flags(session) == [(comment, "除雪車", 2, 5)]


def test_a_word_on_trial_is_counted_with_examples_and_flags_nothing(
    session: Session, make_comment: Callable[..., Comment], listed: Callable[..., WatchedWord]
) -> None:
    ids = [make_comment(f"{n}台目の除雪車です。").id for n in range(7)]
    word = listed("除雪車", trial=True)
    screening.screen_all(session)
    words.sweep(session)
    session.refresh(word)

    assert flags(session) == []
    assert (word.found, word.examples) == (7, ids[:5])
    assert current_list(session).swept_at is not None


def test_a_change_of_the_list_reaches_comments_that_wait_and_no_decided_one(
    session: Session,
    make_comment: Callable[..., Comment],
    listed: Callable[..., WatchedWord],
    administrator: Staff,
    now: datetime,
) -> None:
    decided, waiting = (make_comment(f"{n}台目の除雪車です。").id for n in (1, 2))
    screening.screen_all(session)
    verdict = Verdict(Publication.PUBLISHED)
    decide(session, decided, version=1, verdict=verdict, moderator_id=administrator.id, now=now)
    word = listed("除雪車")
    before = session.get_one(Comment, waiting).version
    words.sweep(session)
    session.expire_all()

    assert [flag[0] for flag in flags(session)] == [waiting]
    assert session.get_one(Comment, waiting).version == before
    assert session.get_one(Comment, decided).publication is Publication.PUBLISHED

    put(session, word, WordState.REMOVED, administrator, now)
    words.sweep(session)

    assert flags(session) == []


def test_a_sweep_goes_on_where_it_stopped_and_does_nothing_when_it_is_through(
    session: Session,
    make_comment: Callable[..., Comment],
    listed: Callable[..., WatchedWord],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for n in range(5):
        make_comment(f"{n}台目の除雪車です。")
    listed("除雪車")
    monkeypatch.setattr(words, "BATCH", 2)
    monkeypatch.setattr(words, "MOST_BATCHES", 2)

    assert [words.sweep(session) for _ in range(3)] == [4, 1, 0]
    assert len(flags(session)) == 5


def test_of_two_sweeps_one_counts_and_an_outdated_one_notes_nothing(
    session: Session, make_comment: Callable[..., Comment], listed: Callable[..., WatchedWord]
) -> None:
    make_comment("除雪車です。")
    word = listed("除雪車")
    now = word.added_at
    current = current_list(session)
    batch = waiting_texts(session, 0, 10)
    session.rollback()
    looked = [Looked(t.id, t.version, words.found_in(t.text, current.words)) for t in batch]
    facts = {"version": current.version, "swept_from": 0, "swept_to": batch[-1].id, "now": now}

    assert note_sweep(session, looked, **facts)  # type: ignore[arg-type]
    assert not note_sweep(session, looked, **facts)  # type: ignore[arg-type]
    session.refresh(word)
    assert word.found == 1

    listed("柵")

    assert not note_sweep(session, looked, **{**facts, "swept_from": batch[-1].id})  # type: ignore[arg-type]
    assert not flag_words(session, looked[0], version=current.version, now=now)


def test_the_desk_names_the_entry_that_was_found(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    session: Session,
    administrator: Staff,
    listed: Callable[..., WatchedWord],
    sign_in: Callable[[FlaskClient, Staff], None],
) -> None:
    listed("走る")
    comment = make_comment("車が走った。").id
    screening.screen_all(session)
    sign_in(client, administrator)
    page = client.get(f"/en/moderation/comments/{comment}").get_data(as_text=True)

    assert "<mark>走っ</mark>" in page
    assert 'Watched word: <span lang="und">走る</span>' in page


def test_a_word_is_listed_once_and_may_come_back_after_it_was_removed(
    session: Session, listed: Callable[..., WatchedWord], administrator: Staff, now: datetime
) -> None:
    word = listed("除雪車")
    with pytest.raises(AlreadyListed):
        listed("除雪車")
    put(session, word, WordState.REMOVED, administrator, now)

    assert listed("除雪車").id != word.id


def test_two_administrators_do_not_change_one_word_twice(
    session: Session, listed: Callable[..., WatchedWord], administrator: Staff, now: datetime
) -> None:
    word = listed("除雪車")
    with pytest.raises(ChangedMeanwhile):
        change_word(
            session,
            word.id,
            before=WordState.TRIAL,
            state=WordState.REMOVED,
            reason="試験",
            staff_id=administrator.id,
            now=now,
        )


def test_the_page_lists_adds_and_changes_words_and_the_trail_says_so(
    client: FlaskClient,
    session: Session,
    administrator: Staff,
    sign_in: Callable[[FlaskClient, Staff], None],
) -> None:
    sign_in(client, administrator)
    empty = client.get("/en/word-list").get_data(as_text=True)
    bad = client.post("/en/word-list", data={"words": "!!", "reason": ""})
    client.post("/en/word-list", data={"words": " spam ", "reason": "Advertising"})
    word = session.scalars(select(WatchedWord)).one()
    change = {"word_id": word.id, "before": "trial", "state": "watched"}
    without_reason = client.post("/en/word-list/changes", data=change)
    client.post("/en/word-list/changes", data={**change, "reason": "It is none"})
    page = client.get("/ja/word-list").get_data(as_text=True)
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()

    assert "The list is empty." in empty
    assert bad.status_code == without_reason.status_code == 400
    assert "A word needs a Japanese or Latin letter." in bad.get_data(as_text=True)
    assert "使用中（意見に目印を付けます）" in page
    assert actions[-2:] == ["word.listed", "word.changed"]

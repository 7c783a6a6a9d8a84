from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from sqlalchemy.orm import Session

from tests import build
from tests.moderation.conftest import PUBLISHED
from webapp.comments.models import Comment
from webapp.comments.rules import Channel
from webapp.measures.models import Stage
from webapp.moderation import queries, queue
from webapp.moderation.models import Decision
from webapp.moderation.queries import next_waiting, queue_state
from webapp.moderation.queue import queue_page
from webapp.moderation.queue_rules import QueueFilter, QueueKey
from webapp.moderation.rules import FoundFlag, ScreeningState
from webapp.moderation.services import begin_screening


def ids(session: Session, **facts: str) -> list[int]:
    page = queue_page(session, datetime.now(UTC), wanted=QueueFilter(**facts))
    return [row.line.id for row in page.rows]


def test_who_came_first_is_read_first_whenever_it_was_entered(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    today = make_comment("今日").id
    by_post = make_comment("先週", received_at=now - timedelta(days=7), channel=Channel.POST).id
    yesterday = make_comment("昨日", received_at=now - timedelta(days=1)).id

    assert ids(session) == [by_post, yesterday, today]


def test_the_pages_of_the_queue_hold_everything_once(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    # Two at each instant, so that the page breaks fall between equals too.
    made = [make_comment(f"{n}", received_at=now + timedelta(seconds=n // 2)).id for n in range(7)]
    seen: list[int] = []
    place: QueueKey | None = None
    for _ in range(4):
        page = queue_page(session, now, after=place, size=2)
        seen += [row.line.id for row in page.rows]
        place = page.following

    assert seen == made
    assert place is None


def test_what_was_decided_meanwhile_moves_no_page(
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    now: datetime,
) -> None:
    comments = [screened(f"{n}", received_at=now + timedelta(seconds=n)) for n in range(4)]
    place = queue_page(session, now, size=2).following
    settle(comments[0])

    assert [row.line.id for row in queue_page(session, now, after=place, size=2).rows] == [
        comment.id for comment in comments[2:]
    ]


def test_a_line_tells_what_a_moderator_chooses_by(
    session: Session,
    make_comment: Callable[..., Comment],
    screen: Callable[..., None],
    now: datetime,
) -> None:
    comment = make_comment("あ" * 300, language="en")
    screen(comment, FoundFlag("phone", 0, 3), FoundFlag("phone", 5, 9), FoundFlag("link", 10, 12))
    screen(make_comment("あ" * 300))

    line = queue_page(session, now).rows[0].line

    assert line.excerpt == "あ" * 160
    assert (line.stage, line.measure, line.language, line.channel) == ("5th", "1-1", "en", "web")
    assert line.rules == ("link", "phone")
    assert line.copies == 2
    assert line.screening is ScreeningState.DONE


def test_what_the_machine_has_not_checked_is_shown_as_such(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    comment_id = make_comment().id
    begin_screening(session, comment_id, now)

    (row,) = queue_page(session, now).rows
    line = row.line

    assert line.screening is ScreeningState.PENDING
    assert line.copies == 1


def test_a_failed_check_waits_like_any_other(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    comment_id = make_comment().id
    for attempt in range(6):
        begin_screening(session, comment_id, now + timedelta(hours=attempt))

    (row,) = queue_page(session, now).rows
    line = row.line

    assert line.screening is ScreeningState.FAILED
    assert line.rules == ("screening-failed",)


def test_the_queue_is_narrowed_by_stage_measure_language_and_flag(
    session: Session,
    stage: Stage,
    make_comment: Callable[..., Comment],
    screen: Callable[..., None],
    now: datetime,
) -> None:
    other_stage = build.stage(session, opens_at=now - timedelta(days=1), slug="6th")
    road = make_comment("道路")
    library = make_comment("library", measure=build.measure(session, stage, "1-2"), language="en")
    later = make_comment("次期", measure=build.measure(session, other_stage, "1-1"))
    screen(library, FoundFlag("link", 0, 3))

    assert ids(session, measure="1-1") == [road.id, later.id]
    assert ids(session, stage="6th") == [later.id]
    assert ids(session, language="en") == [library.id]
    assert ids(session, flag="link") == [library.id]
    assert ids(session, stage="5th", measure="1-1", language="ja") == [road.id]
    assert ids(session, stage="nowhere") == []


def test_a_decided_comment_leaves_the_queue(
    session: Session, screened: Callable[..., Comment], settle: Callable[..., Decision]
) -> None:
    settle(screened(), PUBLISHED)

    assert ids(session) == []
    assert queue_state(session) == queries.QueueState(None, 0, False)


def test_the_queue_says_how_many_wait_and_since_when(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    make_comment("新しい")
    make_comment("古い", received_at=now - timedelta(days=3))

    state = queue_state(session)

    assert (state.waiting, state.more) == (2, False)
    assert state.oldest_received_at == now - timedelta(days=3)


def test_a_long_queue_is_not_counted_to_its_end(
    session: Session, make_comment: Callable[..., Comment]
) -> None:
    for number in range(4):
        make_comment(f"{number}")

    with patch.object(queries, "MOST_COUNTED", 3):
        state = queue_state(session)

    assert (state.waiting, state.more) == (3, True)


def test_the_next_comment_is_the_oldest_after_this_one_that_can_be_decided(
    session: Session,
    make_comment: Callable[..., Comment],
    screened: Callable[..., Comment],
    now: datetime,
) -> None:
    first = screened("1", received_at=now - timedelta(hours=3))
    make_comment("unchecked", received_at=now - timedelta(hours=2))
    last = screened("2", received_at=now - timedelta(hours=1))

    assert next_waiting(session, QueueKey(first.received_at, first.id)) == last.id
    assert next_waiting(session, QueueKey(last.received_at, last.id)) == first.id
    assert next_waiting(session, QueueKey(now, 0), QueueFilter(language="en")) is None


def test_the_queue_is_narrowed_by_pillar_channel_and_age(
    session: Session,
    stage: Stage,
    make_comment: Callable[..., Comment],
    now: datetime,
) -> None:
    deer = make_comment("鹿", measure=build.measure(session, stage, "2-1")).id
    by_fax = make_comment("道路", channel=Channel.FAX).id
    old = make_comment("図書館", received_at=now - timedelta(days=8)).id

    assert ids(session, pillar="2") == [deer]
    assert ids(session, channel="fax") == [by_fax]
    assert ids(session, age="7") == [old]
    assert ids(session, pillar="9") == ids(session, channel="drum") == []
    assert ids(session, age="a while") == [old, deer, by_fax]


def test_words_of_two_characters_are_found_and_all_have_to_be_there(
    session: Session, make_comment: Callable[..., Comment]
) -> None:
    snow = make_comment("歩道の除雪を早くしてほしい。").id
    both = make_comment("除雪と100%_のバス").id

    assert ids(session, words="除雪") == [snow, both]
    assert ids(session, words="除雪　バス") == [both]
    assert ids(session, words="100%_") == [both]
    assert ids(session, words="%") == [both]


def test_a_long_look_ends_and_says_where_to_go_on(
    session: Session, make_comment: Callable[..., Comment], now: datetime
) -> None:
    made = [make_comment(f"{n}番", received_at=now + timedelta(seconds=n)).id for n in range(6)]
    wanted = QueueFilter(words="5番")
    with patch.object(queue, "LOOK", 4):
        first = queue_page(session, now, wanted=wanted)
        second = queue_page(session, now, wanted=wanted, after=first.following)

    assert (first.rows, first.is_short) == ((), True)
    assert [row.line.id for row in second.rows] == made[5:]
    assert (second.following, second.is_short) == (None, False)


def test_a_campaign_is_one_row_and_found_by_the_words_of_any_of_its_wordings(
    session: Session,
    screened: Callable[..., Comment],
    fold: Callable[[], None],
    now: datetime,
) -> None:
    text = "除雪の順番を町内会に知らせてください。通学路が後回しになり危険です。"
    first = screened(text, received_at=now - timedelta(hours=2)).id
    alone = screened("図書館を夜まで開けてほしい。", received_at=now - timedelta(hours=1)).id
    screened(text + "ぜひ")
    fold()

    assert ids(session) == [first, alone]
    assert ids(session, words="ぜひ") == ids(session, measure="1-1", words="ぜひ") == [first]
    assert ids(session, flag="near-copy") == [first]
    assert ids(session, measure="1-2") == []
    (row, _) = queue_page(session, now).rows
    assert row.campaign is not None
    assert (row.campaign.received, row.campaign.wordings, row.campaign.waiting) == (2, 2, 2)

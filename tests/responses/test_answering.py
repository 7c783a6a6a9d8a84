from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests import build
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.comments.models import Comment
from webapp.comments.queries import receipt_of
from webapp.comments.rules import Publication, Treatment, receipt_secret
from webapp.letters.models import Delivery
from webapp.letters.rules import LetterKind, author
from webapp.measures.models import Measure, Stage
from webapp.measures.queries import stage_outline
from webapp.measures.rules import Phase
from webapp.moderation.rules import Findings, Reason, Verdict
from webapp.moderation.services import begin_screening, decide, record_screening
from webapp.receipts.services import withdraw
from webapp.responses.answers import answers_on
from webapp.responses.letters import answered_letter
from webapp.responses.models import ResponseVersion
from webapp.responses.queries import unanswered_comments
from webapp.responses.rules import (
    AlreadyPublished,
    AnswerChanged,
    BadNumbers,
    Category,
    NotAnswerable,
    NothingAnswered,
    TooManyAnswered,
    Wording,
    numbers_in,
    written,
)
from webapp.responses.services import (
    draft_response,
    note_answered_periods,
    publish_response,
    reword_response,
)
from webapp.writing import write

PUBLISHED = Verdict(Publication.PUBLISHED)
WITHHELD = Verdict(Publication.WITHHELD, reason=Reason.ABUSE)
SPAM = Verdict(Publication.WITHHELD, Treatment.NOT_AN_OPINION, Reason.ADVERTISING)
WORDS = Wording(Category.FOR_LATER, {"ja": "来年度から始めます。", "en": "We start next year."})
LATER = Wording(Category.ADOPTED, {"ja": "今年度から始めます。"})


@pytest.fixture
def official(session: Session) -> Staff:
    return build.staff(session, Role.OFFICIAL)


@pytest.fixture
def decided(
    session: Session, make_comment: Callable[..., Comment], moderator: Staff, now: datetime
) -> Callable[..., int]:
    """A comment that was decided on; gives its number."""

    def decided(verdict: Verdict = PUBLISHED, **facts: object) -> int:
        comment_id = make_comment(**facts).id
        begin_screening(session, comment_id, now)
        findings = Findings("ja", [], f"{comment_id:064d}", [])
        record_screening(session, comment_id, findings, now)
        decide(
            session,
            comment_id,
            version=1,
            verdict=verdict,
            moderator_id=moderator.id,
            now=now,
        )
        return comment_id

    return decided


@pytest.fixture
def answer(
    session: Session, measure: Measure, official: Staff, now: datetime
) -> Callable[..., int]:
    """Draft an answer to these comments, and publish it unless told otherwise."""

    def answer(
        *ids: int, wording: Wording = WORDS, publish: bool = True, when: datetime = now
    ) -> int:
        made = draft_response(session, measure.id, wording, ids, staff_id=official.id, now=when)
        if publish:
            publish_response(session, made.id, version=1, staff_id=official.id, now=when)
        return made.id

    return answer


def letters(session: Session) -> list[str]:
    return list(
        session.scalars(
            select(Delivery.recipient)
            .where(Delivery.kind == LetterKind.ANSWERED)
            .order_by(Delivery.recipient)
        )
    )


def test_a_draft_is_read_by_nobody_outside(
    client: FlaskClient,
    session: Session,
    measure: Measure,
    decided: Callable[..., int],
    answer: Callable[..., int],
) -> None:
    first = decided(email="a@example.jp")
    answer(first, publish=False)

    assert answers_on(session, measure.id, "ja") == []
    assert "来年度" not in client.get("/ja/stages/5th/answers").get_data(as_text=True)
    assert letters(session) == []
    assert [c.id for c in unanswered_comments(session, measure.id)] == [first]


def test_a_published_answer_stands_on_both_pages_and_owes_a_letter(
    client: FlaskClient,
    session: Session,
    decided: Callable[..., int],
    answer: Callable[..., int],
) -> None:
    first, second = decided(email="a@example.jp"), decided(WITHHELD, email="b@example.jp")
    nobody = decided()
    before = client.get("/ja/stages/5th/measures/1-1").get_data(as_text=True)
    answer(first, second, nobody)
    measure_page = client.get("/ja/stages/5th/measures/1-1").get_data(as_text=True)
    all_answers = client.get("/en/stages/5th/answers").get_data(as_text=True)

    assert "来年度から始めます。" not in before
    assert "来年度から始めます。" in measure_page
    assert "We start next year." in all_answers
    assert f"#comment-{first}" in all_answers
    assert f"#comment-{second}" not in all_answers
    assert "Answers 3 comments:" in all_answers
    assert "and 1 that is not published" in all_answers
    assert letters(session) == sorted([author(first), author(second)])


def test_a_reader_without_a_translation_reads_the_japanese_marked_as_such(
    client: FlaskClient, decided: Callable[..., int], answer: Callable[..., int]
) -> None:
    answer(decided(), wording=LATER)
    page = client.get("/en/stages/5th/answers").get_data(as_text=True)

    assert '<span lang="ja">今年度から始めます。</span>' in page
    assert "has not been translated yet" in page


def test_a_correction_is_read_when_it_is_published_and_writes_to_new_authors_only(
    session: Session,
    measure: Measure,
    official: Staff,
    decided: Callable[..., int],
    answer: Callable[..., int],
    now: datetime,
) -> None:
    first, second = decided(email="a@example.jp"), decided(email="b@example.jp")
    id = answer(first)
    later = now + timedelta(hours=1)
    reword_response(session, id, LATER, [first, second], version=1, staff_id=official.id, now=later)
    between = answers_on(session, measure.id, "ja")[0]
    publish_response(session, id, version=2, staff_id=official.id, now=later)
    after = answers_on(session, measure.id, "ja")[0]

    assert str(between.words) == "来年度から始めます。"
    assert not between.corrected
    assert str(after.words) == "今年度から始めます。"
    assert (after.first_at, after.published_at, after.corrected) == (now, later, True)
    assert letters(session) == sorted([author(first), author(second)])
    assert session.scalar(select(func.count()).select_from(ResponseVersion)) == 2


def test_of_two_who_reword_one_version_the_second_is_told(
    session: Session,
    official: Staff,
    decided: Callable[..., int],
    answer: Callable[..., int],
    now: datetime,
) -> None:
    first = decided()
    id = answer(first, publish=False)
    by_whom = {"version": 1, "staff_id": official.id, "now": now}
    reword_response(session, id, LATER, [first], **by_whom)
    reword_response(session, id, LATER, [first], **by_whom)  # the same words twice are once

    with pytest.raises(AnswerChanged):
        reword_response(session, id, WORDS, [first], **by_whom)
    with pytest.raises(AnswerChanged):
        publish_response(session, id, **by_whom)


def test_publishing_twice_is_said_and_owes_no_second_letter(
    session: Session,
    official: Staff,
    decided: Callable[..., int],
    answer: Callable[..., int],
    now: datetime,
) -> None:
    id = answer(decided(email="a@example.jp"))

    with pytest.raises(AlreadyPublished):
        publish_response(session, id, version=1, staff_id=official.id, now=now)
    session.rollback()
    assert len(letters(session)) == 1


def test_only_decided_opinions_on_the_measure_can_be_answered(
    session: Session,
    stage: Stage,
    measure: Measure,
    official: Staff,
    decided: Callable[..., int],
    make_comment: Callable[..., Comment],
    answer: Callable[..., int],
    now: datetime,
) -> None:
    waiting, spam = make_comment().id, decided(SPAM)
    elsewhere = decided(measure=build.measure(session, stage, "2-1"))
    for wrong in (waiting, spam, elsewhere, 999_999):
        with pytest.raises(NotAnswerable, match=str(wrong)):
            answer(decided(), wrong)
    with pytest.raises(NothingAnswered):
        answer()


def test_what_was_taken_back_meanwhile_stops_the_publication(
    session: Session,
    official: Staff,
    decided: Callable[..., int],
    answer: Callable[..., int],
    now: datetime,
) -> None:
    first = decided()
    id = answer(first, publish=False)
    withdraw(session, first, version=2, now=now)

    with pytest.raises(NotAnswerable):
        publish_response(session, id, version=1, staff_id=official.id, now=now)


def test_what_is_withdrawn_later_is_named_no_more(
    client: FlaskClient,
    session: Session,
    decided: Callable[..., int],
    answer: Callable[..., int],
    now: datetime,
) -> None:
    first, second = decided(), decided()
    answer(first, second)
    withdraw(session, first, version=2, now=now)
    page = client.get("/en/stages/5th/answers").get_data(as_text=True)

    assert f"#comment-{first}" not in page
    assert "Answers 1 comment:" in page


def phase(session: Session, stage: Stage, now: datetime) -> Phase:
    session.expire_all()
    return stage_outline(session, stage, "ja", now).phase


def test_a_period_is_answered_when_it_is_over_and_nothing_is_left_to_answer(
    session: Session,
    stage: Stage,
    decided: Callable[..., int],
    answer: Callable[..., int],
    now: datetime,
) -> None:
    first, second = decided(), decided(WITHHELD)
    decided(SPAM)
    over = now + timedelta(days=40)
    answer(first, when=over)
    half = phase(session, stage, over)
    answer(second, when=over)

    assert half is Phase.UNDER_REVIEW
    assert phase(session, stage, over) is Phase.ANSWERED


def test_a_period_answered_before_it_closed_is_noted_afterwards_by_the_clock(
    session: Session,
    stage: Stage,
    decided: Callable[..., int],
    answer: Callable[..., int],
    now: datetime,
) -> None:
    answer(decided())
    early = note_answered_periods(session, now=now)
    over = now + timedelta(days=40)

    assert early == 0
    assert note_answered_periods(session, now=over) == 1
    assert note_answered_periods(session, now=over) == 0
    assert phase(session, stage, over) is Phase.ANSWERED


def test_a_period_with_a_comment_that_waits_is_not_answered(
    session: Session,
    stage: Stage,
    decided: Callable[..., int],
    make_comment: Callable[..., Comment],
    answer: Callable[..., int],
    now: datetime,
) -> None:
    answer(decided())
    make_comment()

    assert note_answered_periods(session, now=now + timedelta(days=40)) == 0


@pytest.mark.parametrize(
    ("lang", "subject", "words"),
    [
        ("en", "The city has answered your comment on measure 1-1", "We start next year."),
        ("ja", "施策1-1へのご意見に、市が答えました", "来年度から始めます。"),
    ],
)
def test_the_letter_gives_the_answer_in_its_authors_language(
    app: Flask,
    session: Session,
    decided: Callable[..., int],
    answer: Callable[..., int],
    lang: str,
    subject: str,
    words: str,
) -> None:
    answer(decided(email="a@example.jp", page_lang=lang))
    owed = session.scalar(select(Delivery).where(Delivery.kind == LetterKind.ANSWERED))
    assert owed is not None
    letter = answered_letter(session, owed, build.SEALER)
    assert letter is not None
    with app.app_context():
        message: EmailMessage = write(letter, "<1@city.example>")
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))

    assert message["Subject"] == subject
    assert plain is not None
    assert html is not None
    assert words in plain.get_content()
    assert words in html.get_content()
    assert f"http://localhost/{lang}/stages/5th/answers" in plain.get_content()


def test_the_author_reads_the_answer_behind_the_receipt(
    client: FlaskClient,
    app: Flask,
    session: Session,
    measure: Measure,
    answer: Callable[..., int],
    moderator: Staff,
    now: datetime,
) -> None:
    made = build.comment(session, measure, text="早い除雪を。", now=now, form_key="a" * 32)
    receipt = receipt_of(session, made.id)
    assert receipt is not None
    begin_screening(session, made.id, now)
    record_screening(session, made.id, Findings("ja", [], "e" * 64, []), now)
    decide(session, made.id, version=1, verdict=WITHHELD, moderator_id=moderator.id, now=now)
    key = {"number": receipt.number, "secret": receipt_secret("a" * 32, build.SECRET_KEY)}
    before = client.post("/en/receipts", data=key).get_data(as_text=True)
    answer(made.id)
    after = client.post("/en/receipts", data=key).get_data(as_text=True)

    assert "It comes when the comment period is over" in before
    assert "Answered by the city" in after
    assert "We start next year." in after


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("", ()),
        ("12", (12,)),
        (" 12,15, 20-22 ", (12, 15, 20, 21, 22)),
        ("１２、１５\n２０〜２１", (12, 15, 20, 21)),
        ("3 3 2-4", (2, 3, 4)),
    ],
)
def test_numbers_are_read_as_people_type_them(typed: str, numbers: tuple[int, ...]) -> None:
    assert numbers_in(typed) == numbers
    assert numbers_in(written(numbers)) == numbers


@pytest.mark.parametrize("typed", ["x", "1-", "-1", "5-3", "1-2-3", "No. 4", "1" * 40])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(BadNumbers):
        numbers_in(typed)


@pytest.mark.parametrize("typed", ["1-999999999", "1-9999, 20000-29999"])
def test_a_range_without_end_is_refused(typed: str) -> None:
    with pytest.raises(TooManyAnswered):
        numbers_in(typed)


def test_the_desk_drafts_publishes_and_keeps_what_was_typed_after_an_error(
    client: FlaskClient,
    session: Session,
    measure: Measure,
    official: Staff,
    decided: Callable[..., int],
    sign_in: Callable[[FlaskClient, Staff], None],
) -> None:
    first = decided()
    sign_in(client, official)
    listed = client.get("/en/stages/5th/measures/1-1/answers").get_data(as_text=True)
    new = f"/en/stages/5th/measures/1-1/answers/new?comment={first}"
    form = client.get(new).get_data(as_text=True)
    fields = {"version": "0", "comments": str(first), "category": "adopted"}
    wrong = client.post(new, data={**fields, "body_en": "We do it."})
    saved = client.post(new, data={**fields, "body_ja": "行います。", "body_en": "We do it."})
    edit = client.get(saved.location).get_data(as_text=True)
    published = client.post(f"{saved.location}/publication", data={"version": "1"})

    assert f'value="{first}"' in listed
    assert f'value="{first}"' in form
    assert wrong.status_code == 400
    assert "An answer needs words in Japanese." in wrong.get_data(as_text=True)
    assert "We do it." in wrong.get_data(as_text=True)
    assert "Nobody outside can read this version yet" in edit
    assert published.status_code == 302
    assert str(answers_on(session, measure.id, "ja")[0].words) == "行います。"


def test_who_comes_second_finds_the_words_on_the_page_that_says_so(
    client: FlaskClient,
    session: Session,
    official: Staff,
    decided: Callable[..., int],
    answer: Callable[..., int],
    sign_in: Callable[[FlaskClient, Staff], None],
    now: datetime,
) -> None:
    first = decided()
    id = answer(first, publish=False)
    reword_response(session, id, LATER, [first], version=1, staff_id=official.id, now=now)
    sign_in(client, official)
    late = client.post(
        f"/en/answers/{id}",
        data={
            "version": "1",
            "comments": str(first),
            "category": "adopted",
            "body_ja": "遅かった言葉",
            "body_en": "Words too late",
        },
    )
    page = late.get_data(as_text=True)

    assert late.status_code == 409
    assert "遅かった言葉\n\nWords too late" in page

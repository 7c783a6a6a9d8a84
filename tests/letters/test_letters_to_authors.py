"""The first letter and what follows it, on a real mail server: who is written to, who is not."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from tests import build, parts
from tests.answers import codes_of
from webapp.accounts.models import Staff
from webapp.audit.models import AuditEntry
from webapp.comments.addresses import confirm_address, forget_counts, tell_author
from webapp.comments.models import Comment, Contact, FirstLetters
from webapp.comments.queries import receipt_of
from webapp.comments.rules import FIRST_LETTERS_A_DAY, Publication, address_digest, mailbox_digest
from webapp.db import db
from webapp.letters.models import Delivery
from webapp.letters.rules import AuthorKey, DeliveryState, Letter, LetterKind
from webapp.mail import PermanentTrouble, mailer_of
from webapp.measures.models import Measure
from webapp.moderation.rules import Findings, Verdict
from webapp.moderation.services import begin_screening, decide, record_screening
from webapp.receipts.services import erase_person
from webapp.sealing import Sealer
from webapp.writing import write
from worker import posting

AUTHOR = "author@example.jp"


@pytest.fixture
def post(app: Flask) -> Iterator[parts.Post]:
    with parts.post_office() as post:
        app.config["SMTP_URL"] = post.url
        yield post


@pytest.fixture
def send(app: Flask, post: parts.Post) -> Callable[[], int]:
    """Send everything that is owed, as the worker does."""

    def send() -> int:
        with app.app_context():
            return posting.send_all(db.session(), mailer_of(app), build.SEALER)

    return send


@pytest.fixture
def write_in(session: Session, measure: Measure, now: datetime) -> Callable[..., Comment]:
    """Take in a comment whose author has not confirmed the address."""

    def write_in(text: str = "歩道の除雪を早くしてほしい。", **facts: object) -> Comment:
        facts = {"email": AUTHOR, "confirmed": False, "now": now, **facts}
        return build.comment(session, measure, text=text, **facts)  # type: ignore[arg-type]

    return write_in


@pytest.fixture
def publish(session: Session, moderator: Staff, now: datetime) -> Callable[[Comment], None]:
    def publish(comment: Comment) -> None:
        begin_screening(session, comment.id, now)
        record_screening(session, comment.id, Findings("ja", [], "f" * 64, []), now)
        decide(
            session,
            comment.id,
            version=comment.version,
            verdict=Verdict(Publication.PUBLISHED),
            moderator_id=moderator.id,
            now=now,
        )

    return publish


def body(letter: EmailMessage, kind: str = "plain") -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def link(letter: EmailMessage, what: str) -> str:
    """The path of the letter's link that confirms the address or stops letters."""
    found = re.search(rf"http://localhost(/\w+/letters/{what}/\S+)", body(letter))
    assert found is not None
    return found[1]


def states(session: Session, kind: LetterKind) -> list[DeliveryState]:
    session.rollback()
    asked = select(Delivery.state).where(Delivery.kind == kind).order_by(Delivery.id)
    return list(session.scalars(asked))


@pytest.mark.parametrize(
    ("lang", "subject", "words"),
    [
        ("ja", "施策1-1への意見：アドレスを確認してください", "冬の道路を安全にします。"),
        (
            "en",
            "Your comment on measure 1-1: please confirm your address",
            "We make the roads safe in winter.",
        ),
    ],
)
def test_the_first_letter_says_number_and_measure_in_the_authors_language(
    session: Session,
    post: parts.Post,
    send: Callable[[], int],
    write_in: Callable[..., Comment],
    lang: str,
    subject: str,
    words: str,
) -> None:
    comment = write_in(page_lang=lang)
    receipt = receipt_of(session, comment.id)
    sent, again = send(), send()
    (letter,) = post.letters

    assert (sent, again) == (1, 0)
    assert receipt is not None
    assert letter["To"] == AUTHOR
    assert letter["Content-Language"] == lang
    assert letter["Subject"] == subject
    for page in (body(letter), body(letter, "html")):
        assert receipt.number in page
        assert words in page
        assert f"/{lang}/receipts" in page
        assert f"/{lang}/letters/confirm/" in page
        assert f"/{lang}/letters/stop/" in page


def test_the_secret_code_stands_in_no_letter(
    app: Flask, client: FlaskClient, measure: Measure, post: parts.Post
) -> None:
    address = "/en/stages/5th/measures/1-1/comment"
    key = re.search(r'name="form_key"[^>]*value="([^"]+)"', client.get(address).text)
    assert key is not None
    typed = {"text": "意見です。", "language": "ja", "email": AUTHOR, "form_key": key[1]}
    receipt = client.post(address, data={**typed, "step": "send"})
    number, secret = codes_of(receipt)
    with app.app_context():
        posting.send_all(db.session(), mailer_of(app), Sealer(app.config["IDENTITY_KEYS"]))
    (letter,) = post.letters

    assert "Please look at your e-mail" in receipt.text
    assert number in body(letter)
    assert secret not in letter.as_string() + body(letter) + body(letter, "html")


def test_nothing_that_was_written_goes_to_an_address_that_nobody_has_confirmed(
    client: FlaskClient,
    post: parts.Post,
    send: Callable[[], int],
    write_in: Callable[..., Comment],
    make_comment: Callable[..., Comment],
) -> None:
    comment = write_in("今すぐ 除雪を", page_lang="en")
    send()
    client.post(link(post.letters[0], "confirm"))
    make_comment("図書館を <b>夜も</b>", joins=comment.receipt_id)
    send()
    asking, telling = post.letters

    assert "除雪" not in asking.as_string() + body(asking) + body(asking, "html")
    assert "  図書館を <b>夜も</b>" in body(telling)
    assert "図書館を &lt;b&gt;夜も&lt;/b&gt;" in body(telling, "html")


def test_a_decision_waits_for_an_unconfirmed_address_and_goes_once_when_it_is_confirmed(
    session: Session,
    client: FlaskClient,
    post: parts.Post,
    send: Callable[[], int],
    write_in: Callable[..., Comment],
    publish: Callable[[Comment], None],
) -> None:
    comment = write_in(page_lang="en")
    publish(comment)
    send()
    send()

    assert len(post.letters) == 1
    assert states(session, LetterKind.DECISION) == [DeliveryState.HELD]

    page = client.post(link(post.letters[0], "confirm"))
    send()
    send()

    assert "Your address is confirmed" in page.text
    assert [str(letter["Subject"]) for letter in post.letters[1:]] == [
        "Your comment on measure 1-1 is published"
    ]
    assert states(session, LetterKind.DECISION) == [DeliveryState.SENT]


def test_an_address_confirmed_before_the_decision_gets_it_at_once(
    client: FlaskClient,
    post: parts.Post,
    send: Callable[[], int],
    write_in: Callable[..., Comment],
    publish: Callable[[Comment], None],
) -> None:
    comment = write_in()
    send()
    client.post(link(post.letters[0], "confirm"))
    publish(comment)
    send()

    assert len(post.letters) == 2


def test_confirming_while_the_worker_sets_a_letter_aside_loses_nothing(
    app: Flask,
    session: Session,
    database_url: str,
    write_in: Callable[..., Comment],
    publish: Callable[[Comment], None],
    now: datetime,
) -> None:
    """The worker has read that it is unconfirmed; before it says so, the author confirms."""
    comment = write_in()
    publish(comment)
    comment_id = comment.id
    session.rollback()
    confirmed = threading.Event()

    def confirm() -> None:
        engine = create_engine(database_url, connect_args=build.patience(database_url))
        with Session(engine) as own:
            key = AuthorKey(comment_id, address_digest(AUTHOR, build.SECRET_KEY))
            confirm_address(own, key, now=now)
        engine.dispose()
        confirmed.set()

    thread = threading.Thread(target=confirm)
    hold = posting.services.hold

    def hold_late(own: Session, delivery: Delivery) -> None:
        thread.start()
        confirmed.wait(0.5)
        hold(own, delivery)

    posting.services.hold = hold_late
    try:
        with parts.post_office() as post:
            app.config["SMTP_URL"] = post.url
            with app.app_context():
                posting.send_all(db.session(), mailer_of(app), build.SEALER)
                thread.join()
                posting.services.hold = hold
                posting.send_all(db.session(), mailer_of(app), build.SEALER)
            subjects = {str(letter["Subject"]) for letter in post.letters}
    finally:
        posting.services.hold = hold

    assert len(subjects) == 2
    assert states(session, LetterKind.DECISION) == [DeliveryState.SENT]


def test_every_later_letter_can_be_stopped_with_one_click(
    session: Session,
    app: Flask,
    client: FlaskClient,
    post: parts.Post,
    send: Callable[[], int],
    write_in: Callable[..., Comment],
    publish: Callable[[Comment], None],
) -> None:
    """RFC 8058: the header's address, posted to by a mail provider without cookies or origin."""
    comment = write_in(confirmed=True, page_lang="en")
    publish(comment)
    send()
    assert len(post.letters) == 2
    for letter in post.letters:
        (where,) = re.findall(r"^<http://localhost(/\S+)>$", str(letter["List-Unsubscribe"]))

        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert where == link(letter, "stop")
    publish_again = Verdict(Publication.PUBLISHED, note="Once more.")
    session.refresh(comment)
    decide(
        session,
        comment.id,
        version=comment.version,
        verdict=publish_again,
        moderator_id=1,
        now=comment.received_at,
    )
    answer = client.post(where, data={"List-Unsubscribe": "One-Click"})
    once_more = client.post(where, data={"List-Unsubscribe": "One-Click"})
    send()

    assert (answer.status_code, once_more.status_code) == (200, 200)
    assert "No more e-mails will come" in answer.text
    assert len(post.letters) == 2
    assert session.scalar(select(func.count()).select_from(Contact)) == 0
    assert states(session, LetterKind.DECISION) == [DeliveryState.SENT]
    trail = session.scalars(select(AuditEntry.subject).where(AuditEntry.action.like("%.stopped")))
    assert list(trail) == [f"comment:{comment.id}"]


def test_the_headers_of_one_click_are_neither_folded_nor_encoded(
    post: parts.Post, send: Callable[[], int], write_in: Callable[..., Comment]
) -> None:
    write_in()
    send()
    lines = post.wire[0].split(b"\r\n")

    assert [line for line in lines if line.startswith(b"List-Unsubscribe: <http://localhost/")]


def test_reading_the_pages_behind_the_links_writes_nothing(
    session: Session,
    client: FlaskClient,
    post: parts.Post,
    send: Callable[[], int],
    write_in: Callable[..., Comment],
) -> None:
    write_in()
    send()
    before = session.scalar(select(func.count()).select_from(AuditEntry))
    for what in ("confirm", "stop"):
        for lang in ("ja", "en"):
            page = client.get(link(post.letters[0], what).replace("/ja/", f"/{lang}/"))

            assert page.status_code == 200
            assert page.headers["Cache-Control"] == "no-store"
            assert '<form method="post"' in page.text.split("<main")[1]
            assert AUTHOR not in page.text
    session.rollback()

    assert session.scalars(select(Contact.confirmed_at)).one() is None
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == before


def test_a_link_for_one_thing_does_not_do_the_other(
    session: Session,
    client: FlaskClient,
    post: parts.Post,
    send: Callable[[], int],
    write_in: Callable[..., Comment],
) -> None:
    write_in()
    send()
    confirm, stop = link(post.letters[0], "confirm"), link(post.letters[0], "stop")
    crossed = [
        confirm.replace("confirm", "stop"),
        stop.replace("stop", "confirm"),
        confirm[:-1],
        "/en/letters/confirm/1",
    ]
    answers = [client.post(address).status_code for address in crossed]
    foreign = client.post(confirm, headers={"Sec-Fetch-Site": "cross-site"}).status_code
    session.rollback()

    assert answers == [404, 404, 404, 404]
    assert foreign == 403
    assert session.scalars(select(Contact.confirmed_at)).one() is None


def test_confirming_once_confirms_all_comments_of_the_address_and_no_other(
    session: Session,
    client: FlaskClient,
    post: parts.Post,
    send: Callable[[], int],
    write_in: Callable[..., Comment],
) -> None:
    mine = [write_in().id, write_in(email="Author@Example.JP").id]
    other = write_in(email="author2@example.jp").id
    send()
    where = link(post.to(AUTHOR)[0], "confirm")

    assert "2件の意見" in client.get(where).text

    client.post(where)
    session.rollback()
    asked = select(Contact.comment_id).where(Contact.confirmed_at.is_not(None))

    assert list(session.scalars(asked.order_by(Contact.comment_id))) == mine
    assert other not in mine


def test_a_stranger_gets_a_few_first_letters_a_day_and_no_more(
    session: Session,
    post: parts.Post,
    send: Callable[[], int],
    write_in: Callable[..., Comment],
    now: datetime,
) -> None:
    spellings = [AUTHOR, "AUTHOR@example.jp", "au.thor@example.jp", "author+1@example.jp"] * 3
    for email in spellings:
        write_in(email=email)
    write_in(email="other@example.jp")
    send()

    assert len(post.letters) == FIRST_LETTERS_A_DAY + 1
    assert session.scalar(select(func.count()).select_from(Contact)) == len(spellings) + 1

    write_in(now=now - timedelta(days=1))
    send()

    assert len(post.letters) == FIRST_LETTERS_A_DAY + 2


def test_stopping_ends_first_letters_too(
    client: FlaskClient,
    post: parts.Post,
    send: Callable[[], int],
    write_in: Callable[..., Comment],
) -> None:
    for _ in range(FIRST_LETTERS_A_DAY):
        write_in()
        send()
        client.post(link(post.letters[0], "stop"))

    assert len(post.letters) == 1


def test_erasing_and_writing_again_does_not_reset_the_count(
    session: Session,
    post: parts.Post,
    send: Callable[[], int],
    write_in: Callable[..., Comment],
    now: datetime,
) -> None:
    for _ in range(FIRST_LETTERS_A_DAY + 2):
        comment = write_in()
        send()
        erase_person(session, comment.receipt_id, now=now)

    assert len(post.letters) == FIRST_LETTERS_A_DAY


def test_the_count_knows_no_address_and_is_forgotten_the_day_after(
    session: Session, write_in: Callable[..., Comment], now: datetime
) -> None:
    write_in()
    kept = session.scalars(select(FirstLetters.mailbox_digest)).one()
    forget_counts(session, now=now)

    assert kept == mailbox_digest(AUTHOR, build.SECRET_KEY)
    assert kept != mailbox_digest(AUTHOR, "another key")
    assert session.scalar(select(func.count()).select_from(FirstLetters)) == 1

    forget_counts(session, now=now + timedelta(days=1))

    assert session.scalar(select(func.count()).select_from(FirstLetters)) == 0


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_withdrawal_is_told_in_the_authors_language(
    session: Session,
    post: parts.Post,
    send: Callable[[], int],
    write_in: Callable[..., Comment],
    now: datetime,
    lang: str,
) -> None:
    subjects = {
        "ja": "施策1-1への意見は取り下げられました",
        "en": "Your comment on measure 1-1 is withdrawn",
    }
    comment = write_in(confirmed=True, page_lang=lang)
    tell_author(session, comment.id, kind=LetterKind.WITHDRAWN, subject_id=comment.id, now=now)
    session.commit()
    send()

    assert post.letters[-1]["Subject"] == subjects[lang]
    assert link(post.letters[-1], "stop").startswith(f"/{lang}/")


@pytest.mark.parametrize(
    "email",
    [
        "a@b.jp\r\nBcc: c@d.jp",
        "a@b.jp, c@d.jp",
        "=?utf-8?q?c=40d.jp=2C?=@b.jp",
        "Name <a@b.jp>",
        "a@b.jp\u2028c@d.jp",
    ],
)
def test_an_address_that_reads_as_another_is_refused_by_form_and_mailer(
    app: Flask, session: Session, client: FlaskClient, measure: Measure, email: str
) -> None:
    address = "/en/stages/5th/measures/1-1/comment"
    key = re.search(r'name="form_key"[^>]*value="([^"]+)"', client.get(address).text)
    assert key is not None
    typed = {"text": "意見です。", "language": "ja", "email": email, "form_key": key[1]}
    answer = client.post(address, data={**typed, "step": "send"})

    assert answer.status_code == 400
    assert session.scalar(select(func.count()).select_from(Comment)) == 0

    with app.app_context(), pytest.raises((PermanentTrouble, ValueError)):
        write(Letter(email, "en", "withdrawn"), "<1@city.example>")

"""One person, several opinions: another comment joins the receipt that the author has."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests import build
from tests.conftest import KEY
from tests.receipts.conftest import SECRET
from webapp.audit.models import AuditEntry
from webapp.citytime import city_day
from webapp.comments.models import Comment, Contact, IdentityRow, ReceiptRow
from webapp.comments.rules import Identity, Publication
from webapp.letters.models import Delivery
from webapp.letters.rules import LetterKind
from webapp.measures.models import CommentPeriod, Measure, Stage
from webapp.measures.rules import IdentityRequest
from webapp.measures.services import open_period, turn_edition
from webapp.sealing import Sealer

FIRST, SECOND = "歩道の除雪を早くしてほしい。", "図書館を夜も開けてほしい。\n\n本も増やしてほしい。"
ADDRESS = "author@example.jp"
WHO = Identity("苫小牧 太郎", "旭町4丁目5番6号")


@dataclass
class Author:
    """Someone at a browser without JavaScript, with a receipt in hand."""

    client: FlaskClient
    pair: dict[str, str]
    form: str = "/en/stages/5th/measures/1-2/comment"
    key: str = ""

    def opens(self, **typed: str) -> TestResponse:
        answer = self.client.post(self.form, data={**self.pair, "step": "open", **typed})
        found = re.search(r'name="form_key"[^>]*value="([^"]+)"', answer.text)
        self.key = found[1] if found else ""
        return answer

    def sends(self, text: str = SECOND, step: str = "send", **typed: str) -> TestResponse:
        said = {"text": text, "language": "ja", "form_key": self.key, "step": step}
        return self.client.post(self.form, data={**self.pair, **said, **typed})


@pytest.fixture
def mine(make_comment: Callable[..., Comment]) -> Comment:
    return make_comment(FIRST, email=ADDRESS, sealer=Sealer([KEY]))


@pytest.fixture
def author(
    client: FlaskClient, mine: Comment, holding: Callable[[Comment], dict[str, str]]
) -> Author:
    pair = holding(mine)
    return Author(client, {name: pair[name] for name in ("number", "secret")})


def comments(session: Session) -> list[Comment]:
    session.rollback()
    return list(session.scalars(select(Comment).order_by(Comment.id)))


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_receipt_leads_to_the_measures_and_from_there_to_the_form(
    author: Author, lang: str
) -> None:
    choosing = author.client.post(f"/{lang}/receipts/another", data=author.pair)
    author.form = f"/{lang}/stages/5th/measures/1-2/comment"
    form = author.opens()

    assert f'formaction="{author.form}"' in choosing.text
    assert f'formaction="/{lang}/stages/5th/measures/2-1/comment"' in choosing.text
    assert form.status_code == 200
    assert author.pair["number"] in form.text
    assert 'name="email"' not in form.text  # it holds for this comment too
    assert form.headers["Cache-Control"] == "no-store"


def test_the_comment_joins_the_receipt_and_no_secret_is_shown(
    session: Session, author: Author, mine: Comment
) -> None:
    author.opens()
    check = author.sends(step="confirm")
    done = author.sends()
    first, second = comments(session)

    assert (check.status_code, done.status_code) == (200, 200)
    assert second.receipt_id == first.receipt_id
    assert second.text == SECOND
    assert len(session.scalars(select(ReceiptRow)).all()) == 1
    assert "kept with the same receipt" in done.text
    assert FIRST in done.text
    assert SECOND in done.text.replace("\r\n", "\n")
    shown = re.sub(r'<input type="hidden"[^>]*>', "", done.text)
    assert SECRET not in shown
    assert "Secret code" not in shown
    assert SECRET not in done.request.path + done.request.query_string.decode()


def test_sending_it_twice_is_sending_it_once(session: Session, author: Author) -> None:
    author.opens()
    again = [author.sends() for _ in range(2)][1]

    assert again.status_code == 200
    assert len(comments(session)) == 2

    other_words = author.sends("別の言葉")

    assert other_words.status_code == 409
    assert "別の言葉" in other_words.text
    assert len(comments(session)) == 2


def test_a_form_that_joined_shows_no_secret_when_it_is_sent_without_the_receipt(
    session: Session, author: Author
) -> None:
    author.opens()
    author.sends()
    author.pair = {}
    without = author.sends()

    assert without.status_code == 409
    assert len(comments(session)) == 2


def test_a_wrong_pair_adds_nothing_and_loses_no_text(session: Session, author: Author) -> None:
    author.opens()
    author.pair["secret"] = "0" * 26
    for step in ("open", "confirm", "send"):
        answer = author.sends(step=step)

        assert answer.status_code == 400
        assert "That receipt was not found" in answer.text
        assert SECOND in answer.text.replace("\r\n", "\n")
        assert "author@" not in answer.text
    assert len(comments(session)) == 1


def test_a_closed_period_offers_nothing_and_keeps_the_text(
    session: Session, author: Author, stage: Stage, now: datetime
) -> None:
    author.opens()
    period = session.scalars(select(CommentPeriod)).one()
    period.closes_at = now - timedelta(minutes=1)
    session.add(period)
    turn_edition(session)
    session.commit()
    late = author.sends()
    choosing = author.client.post("/en/receipts/another", data=author.pair)

    assert late.status_code == 409
    assert "本も増やしてほしい" in late.text
    assert "Nothing is open for comments" in choosing.text


def test_a_receipt_holds_a_hundred_comments_and_says_when_it_is_full(
    session: Session, author: Author, mine: Comment, make_comment: Callable[..., Comment]
) -> None:
    for number in range(98):
        make_comment(f"{number}番目の意見です。").receipt_id = mine.receipt_id
    session.commit()
    author.opens()
    hundredth, once_more = author.sends(), author.sends()
    author.opens()
    beyond = author.sends("もう一つの意見です。")

    assert hundredth.status_code == once_more.status_code == 200
    assert "had arrived already" in once_more.text
    assert beyond.status_code == 409
    assert "holds 100 comments already" in beyond.text
    assert "もう一つの意見です。" in beyond.text
    assert len(comments(session)) == 100


def test_the_address_is_given_once_and_each_comment_has_its_own_letter(
    session: Session, author: Author, mine: Comment
) -> None:
    author.opens()
    author.sends()
    second = comments(session)[1]
    contact = session.get(Contact, second.id)

    assert contact is not None
    assert contact.confirmed_at is not None
    assert Sealer([KEY]).open(contact.sealed_email) == ADDRESS
    letters = session.execute(select(Delivery.kind, Delivery.subject_id)).all()
    assert letters == [(LetterKind.RECEIVED, mine.id), (LetterKind.RECEIVED, second.id)]


def test_an_unconfirmed_address_gets_no_second_first_letter(
    session: Session,
    make_comment: Callable[..., Comment],
    holding: Callable[[Comment], dict[str, str]],
    client: FlaskClient,
) -> None:
    unsure = make_comment(FIRST, email=ADDRESS, confirmed=False, sealer=Sealer([KEY]))
    author = Author(client, holding(unsure))
    author.opens()
    author.sends()
    contacts = session.scalars(select(Contact)).all()

    assert [contact.confirmed_at for contact in contacts] == [None, None]
    assert len(session.scalars(select(Delivery)).all()) == 1


def test_without_an_address_the_form_asks_for_one(
    session: Session,
    make_comment: Callable[..., Comment],
    holding: Callable[[Comment], dict[str, str]],
    client: FlaskClient,
) -> None:
    author = Author(client, holding(make_comment(FIRST)))
    form = author.opens()
    author.sends(email=ADDRESS)

    assert 'name="email"' in form.text
    assert [contact.comment_id for contact in session.scalars(select(Contact))] == [2]


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_status_page_shows_each_comment_with_its_own_state_and_steps(
    author: Author,
    mine: Comment,
    session: Session,
    take: Callable[..., TestResponse],
    lang: str,
) -> None:
    author.opens()
    author.sends()
    take(mine, "withdraw", step="send")
    page = author.client.post(f"/{lang}/receipts", data=author.pair).text
    first, second = comments(session)

    assert first.publication is Publication.WITHDRAWN
    assert second.publication is Publication.WAITING
    parts = page.split('<section id="comment-')[1:]
    assert "/receipts/withdraw" not in parts[1]
    assert f'name="comment" value="{second.id}"' in parts[0]
    assert "/receipts/revise" in parts[0]


def test_a_step_reaches_only_comments_of_the_receipt(
    author: Author, make_comment: Callable[..., Comment], session: Session, mine: Comment
) -> None:
    stranger = make_comment("別の人の意見です。")
    typed = {**author.pair, "comment": str(stranger.id), "version": "1", "step": "send"}
    author.client.post("/en/receipts/withdraw", data=typed)
    session.refresh(stranger)

    assert stranger.publication is Publication.WAITING
    assert "別の人" not in author.client.post("/en/receipts", data=typed).text


def test_taking_away_and_erasing_cover_every_comment(session: Session, author: Author) -> None:
    author.opens()
    author.sends()
    held = json.loads(author.client.post("/en/receipts/data", data=author.pair).text)
    sheet = author.client.post("/ja/receipts/sheet", data=author.pair)
    author.client.post("/en/receipts/erase", data={**author.pair, "step": "send"})
    session.rollback()

    assert [comment["text"] for comment in held["comments"]] == [FIRST, SECOND]
    assert sheet.data.startswith(b"%PDF-")
    assert session.scalars(select(Contact)).all() == []
    assert session.scalars(select(Delivery)).all() == []
    actions = session.scalars(select(AuditEntry.action)).all()
    assert actions.count("comment.person-erased") == actions.count("comment.exported") == 2


class TestWhereThePeriodAsksWhoTheAuthorIs:
    @pytest.fixture
    def stage(self, session: Session, now: datetime) -> Stage:
        asks = IdentityRequest({"ja": "目的", "en": "Why"}, city_day(now + timedelta(days=60)))
        return build.stage(session, opens_at=now - timedelta(days=1), identity=asks)

    @pytest.fixture
    def mine(self, make_comment: Callable[..., Comment]) -> Comment:
        return make_comment(FIRST, identity=WHO, sealer=Sealer([KEY]))

    def test_the_name_is_given_once(self, session: Session, author: Author) -> None:
        form = author.opens()
        done = author.sends()
        names = [
            Identity.from_text(Sealer([KEY]).open(row.sealed))
            for row in session.scalars(select(IdentityRow))
        ]

        assert "person_name" not in form.text
        assert done.status_code == 200
        assert names == [WHO, WHO]

    def test_a_later_period_asks_for_it_anew_and_gets_no_copy(
        self, session: Session, stage: Stage, author: Author, now: datetime
    ) -> None:
        session.execute(update(CommentPeriod).values(closes_at=now - timedelta(hours=1)))
        open_period(
            session,
            stage,
            opens_at=now,
            closes_at=now + timedelta(days=31),
            why_shorter=None,
            identity=IdentityRequest(
                {"ja": "別の目的", "en": "Another why"}, city_day(now + timedelta(days=400))
            ),
            by="test",
            now=now,
        )
        form = author.opens()
        nameless = author.sends()

        assert "Another why" in form.text
        assert "person_name" in form.text
        assert nameless.status_code == 400
        assert len(session.scalars(select(IdentityRow)).all()) == 1

    @pytest.mark.parametrize("known", [True, False])
    def test_name_and_address_are_copied_with_the_newest_key_that_the_old_one_can_go(
        self,
        app: Flask,
        session: Session,
        make_comment: Callable[..., Comment],
        holding: Callable[[Comment], dict[str, str]],
        client: FlaskClient,
        known: bool,
    ) -> None:
        old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
        first = make_comment(FIRST, identity=WHO, email=ADDRESS, sealer=Sealer([old]))
        app.config["IDENTITY_KEYS"] = (new, old) if known else (new,)
        author = Author(client, holding(first))
        author.opens()
        done = author.sends()
        contact, row = (session.get_one(kind, 2) for kind in (Contact, IdentityRow))
        newest = Sealer([new if known else old])

        assert done.status_code == 200
        assert newest.open(contact.sealed_email) == ADDRESS
        assert Identity.from_text(newest.open(row.sealed)) == WHO

    def test_it_is_asked_for_again_when_it_was_erased(
        self, session: Session, author: Author, measure: Measure
    ) -> None:
        author.client.post("/en/receipts/erase", data={**author.pair, "step": "send"})
        form = author.opens()
        nameless = author.sends()

        assert "person_name" in form.text
        assert nameless.status_code == 400
        assert len(comments(session)) == 1

"""Words that stand only under a cover may be in nothing that staff write, however short."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.summaries.conftest import MONDAY_AFTER, REPORT, page
from webapp.accounts.models import Staff
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.measures.models import Measure
from webapp.moderation.rules import Covered, Reason, Verdict
from webapp.moderation.services import decide
from webapp.summaries.covered import hidden_word
from webapp.summaries.editing import Wanted
from webapp.summaries.edits import UnpublishedWords
from webapp.summaries.models import Summary
from webapp.summaries.services import edit_summary

NAMED = "佐藤課長の除雪は遅い。歩道から始めてほしい。"
SPAN = (Covered(0, 2, Reason.PERSONAL_DATA),)

SAID = {
    "a name": ("佐藤さんの除雪", ["佐藤"], "佐藤"),
    "a name in a longer word": ("佐藤課長の除雪", ["佐藤"], "佐藤"),
    "a name in another width": ("サトウさんへ", ["ｻﾄｳ"], "サトウ"),
    "an English name in capitals": ("What ANN says", ["ann"], "ann"),
    "a name of kana": ("さくらさんの声", ["さくら"], "さくら"),
    "a name of one kanji": ("林さんの除雪", ["林"], "林"),
    "a name of one kanji before an office": ("林課長の除雪", ["林さん"], "林"),
    "a name of one kanji by itself": ("林についての意見", ["林"], "林"),
    "a name of one kanji in a covered sentence": ("林様へ", ["隣の林さんが悪い"], "林"),
    "one name of several covered words": ("山本の店", ["除雪業者の山本"], "山本"),
}


@pytest.mark.parametrize(("words", "covered", "found"), SAID.values(), ids=SAID.keys())
def test_a_covered_word_is_found(words: str, covered: list[str], found: str) -> None:
    assert hidden_word(words, covered, ["歩道の除雪を早く。"]) == found


UNSAID = {
    "words of no cover": ("歩道の除雪", ["佐藤"]),
    "a word that others say in the open": ("歩道の除雪", ["除雪の佐藤"]),
    "a part of an English word": ("Many annual meetings", ["Ann"]),
    "an empty word": ("The roads", ["the Smiths"]),
    "a kanji of a covered name in other words": ("林道と小林さんの森林", ["林", "林さん"]),
    "a kanji of a covered sentence": ("人が悪い道", ["隣の林さんは人が悪い"]),
    "a kanji that others say in the open": ("柵を直す", ["柵"]),
    "a longer word that is open": ("佐藤池の橋", ["佐藤"]),
}


@pytest.mark.parametrize(("words", "covered"), UNSAID.values(), ids=UNSAID.keys())
def test_other_words_are_free(words: str, covered: list[str]) -> None:
    assert hidden_word(words, covered, ["歩道の除雪を早く。", "佐藤池の柵を直す。"]) is None


@pytest.fixture
def write(session: Session, measure: Measure, moderator: Staff) -> Callable[..., object]:
    def write(introduction: str, heading: str = "") -> object:
        newest = session.scalars(select(Summary.id).order_by(Summary.id.desc())).first()
        assert newest is not None
        wanted = Wanted({"ja": introduction}, [heading], [0])
        return edit_summary(
            session, newest, measure.id, wanted, editor_id=moderator.id, now=MONDAY_AFTER
        )

    return write


@pytest.fixture
def judge(session: Session, moderator: Staff) -> Callable[[Comment, Verdict], None]:
    def judge(comment: Comment, verdict: Verdict) -> None:
        session.execute(
            update(Comment).where(Comment.id == comment.id).values(screened_at=MONDAY_AFTER)
        )
        session.commit()
        session.refresh(comment)
        decide(
            session,
            comment.id,
            version=comment.version,
            verdict=verdict,
            moderator_id=moderator.id,
            now=MONDAY_AFTER,
        )

    return judge


def test_a_covered_name_is_refused_in_a_heading_and_in_an_introduction(
    make_comment: Callable[..., Comment],
    judge: Callable[[Comment, Verdict], None],
    compiled: Callable[..., None],
    write: Callable[..., object],
) -> None:
    judge(make_comment(NAMED), Verdict(Publication.REDACTED, covered=SPAN))
    one_kanji = (Covered(0, 1, Reason.PERSONAL_DATA),)
    judge(make_comment(f"林{NAMED[2:]}"), Verdict(Publication.REDACTED, covered=one_kanji))
    compiled()

    with pytest.raises(UnpublishedWords):
        write("", "佐藤課長の除雪")
    with pytest.raises(UnpublishedWords):
        write("佐藤さんについての意見です。")
    with pytest.raises(UnpublishedWords):
        write("", "林さんの除雪")
    assert write("歩道についての意見です。", "歩道の除雪")


def test_what_staff_wrote_falls_away_when_a_word_of_it_is_covered_later(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    judge: Callable[[Comment, Verdict], None],
    compiled: Callable[..., None],
    write: Callable[..., object],
) -> None:
    comment = make_comment(NAMED)
    judge(comment, Verdict(Publication.PUBLISHED))
    compiled()
    write("佐藤課長についての意見です。", "佐藤課長の仕事")
    before = page(client, REPORT)
    judge(comment, Verdict(Publication.REDACTED, covered=SPAN))
    after = page(client, REPORT)

    assert "佐藤課長の仕事" in before
    assert "佐藤" not in after

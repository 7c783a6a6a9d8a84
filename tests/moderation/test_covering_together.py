"""The same words covered in many comments: each text by itself, and only as it was previewed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.moderation.conftest import DESK
from webapp.accounts.models import Staff
from webapp.audit.models import AuditEntry
from webapp.audit.rules import digest
from webapp.comments.models import Comment
from webapp.comments.rules import COVER, Publication, Treatment
from webapp.letters.models import Delivery
from webapp.letters.rules import LetterKind
from webapp.moderation.campaigns import ShownCampaign
from webapp.moderation.covering_together import CoverTogether, covered_texts
from webapp.moderation.membership import Membership
from webapp.moderation.models import Decision, Redaction
from webapp.moderation.published import covered_in
from webapp.moderation.rules import Findings, FoundFlag, NothingCovered, Reason, Verdict
from webapp.moderation.services import begin_screening, record_screening
from webapp.moderation.together import DecidedTogether
from webapp.moderation.undoing_together import undo_together
from worker.analysis.folding import fingerprint

NUMBER, NAME = "011-211-2877", "金糸雀"
BODY = "除雪の順番を町内会に知らせてください。通学路が後回しになり危険です。"
SIGNED = f"{BODY}連絡先は{NUMBER}、{NAME}まで。"
SPACED = f"{BODY}　連絡先は　{NUMBER}、{NAME}まで。"
REDACTED = Verdict(Publication.REDACTED)
COVER_BOTH = CoverTogether((NUMBER, NAME), Reason.PERSONAL_DATA)


@pytest.fixture
def alike(
    session: Session, make_comment: Callable[..., Comment], fold: Callable[[], None], now: datetime
) -> Callable[..., list[int]]:
    """Comments that wait in one campaign, with the fingerprints a machine gives their texts."""

    def alike(*texts: str, flag: str = "") -> list[int]:
        ids = [make_comment(text, email="a@example.jp").id for text in texts]
        for comment_id, text in zip(ids, texts, strict=True):
            begin_screening(session, comment_id, now)
            at = text.find(flag) if flag else -1
            flags = [FoundFlag("person-name", at, at + len(flag))] if at >= 0 else []
            found = Findings("ja", flags, fingerprint(text), [7, 8])
            record_screening(session, comment_id, found, now)
        fold()
        return ids

    return alike


def published(session: Session) -> list[str | None]:
    session.expire_all()
    return list(session.scalars(select(Comment.published_text).order_by(Comment.id)))


def covered(text: str, *words: str) -> str:
    for word in words:
        text = text.replace(word, COVER)
    return text


def test_the_words_are_covered_in_each_text_and_one_without_them_waits_on(
    session: Session,
    alike: Callable[..., list[int]],
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
    moderator: Staff,
) -> None:
    ids = alike(SIGNED, SPACED, SIGNED, BODY)
    seen = shown()
    done = decide(seen, REDACTED, cover=COVER_BOTH)
    both = (NUMBER, NAME)
    spans = covered_in(session, ids)
    trail = session.scalars(
        select(AuditEntry).where(AuditEntry.action == "comment.decided").order_by(AuditEntry.id)
    ).all()

    # One wording to the machine, two texts to the letter: a place is a place in a text.
    assert len({wording.id for wording in seen.wordings}) == 2
    assert (done.decided, done.uncovered, done.left_out) == (3, 1, 0)
    assert published(session) == [
        covered(SIGNED, *both),
        covered(SPACED, *both),
        covered(SIGNED, *both),
        None,
    ]
    assert [SPACED[span.start : span.end] for span in spans[ids[1]]] == [NUMBER, NAME]
    assert [SIGNED[span.start : span.end] for span in spans[ids[2]]] == [NUMBER, NAME]
    assert [entry.subject for entry in trail] == [f"comment:{one}" for one in ids[:3]]
    for entry, comment_id in zip(trail, ids, strict=False):
        said = {"publication": "redacted", "treatment": "counts", "reason": None, "note": ""}
        places = [[span.start, span.end, span.reason] for span in spans[comment_id]]
        assert entry.after == digest({**said, "version": 2, "covered": places})
    letters = select(func.count()).where(Delivery.kind == LetterKind.DECISION)
    assert session.scalar(letters) == 3
    assert (shown().line.waiting, shown().wordings[0].text) == (1, BODY)


def test_undoing_takes_the_covers_back_with_the_decisions(
    session: Session,
    alike: Callable[..., list[int]],
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
    moderator: Staff,
    now: datetime,
) -> None:
    ids = alike(SIGNED, SIGNED)
    done = decide(shown(), REDACTED, cover=COVER_BOTH)
    undo_together(
        session,
        decision_id=done.first_decision,
        proposal_id=None,
        moderator_id=moderator.id,
        now=now,
        within=DESK.undo_within,
    )

    assert (published(session), covered_in(session, ids)) == ([None, None], {})
    assert shown().shown == 2
    name_alone = CoverTogether((NAME,), Reason.ABUSE)
    assert decide(shown(), REDACTED, cover=name_alone).decided == 2
    assert published(session) == [covered(SIGNED, NAME)] * 2
    assert len(covered_in(session, ids)[ids[0]]) == 1
    assert session.scalar(select(func.count()).select_from(Redaction)) == 6  # rows are only added


def test_what_the_machine_noticed_in_one_copy_is_covered_in_its_like(
    session: Session,
    alike: Callable[..., list[int]],
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
) -> None:
    alike(SIGNED)
    alike(SIGNED, BODY, flag=NAME)
    noticed = CoverTogether((), Reason.ABUSE, noticed=True)

    assert decide(shown(), REDACTED, cover=noticed).decided == 2
    assert published(session) == [covered(SIGNED, NAME)] * 2 + [None]
    assert set(session.scalars(select(Redaction.reason))) == {Reason.PERSONAL_DATA}


def test_only_what_was_previewed_as_it_is_covered_is_decided(
    session: Session,
    alike: Callable[..., list[int]],
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
) -> None:
    alike(SIGNED, SIGNED, SPACED)
    seen = shown()
    members = Membership(seen.upto, tuple(wording.id for wording in seen.wordings), seen.shown)
    first, second = covered_texts(session, seen.line.id, members, COVER_BOTH)
    session.rollback()

    def only(*marks: str, words: tuple[str, ...] = COVER_BOTH.words) -> CoverTogether:
        return CoverTogether(words, Reason.PERSONAL_DATA, seen=frozenset(marks))

    assert (first.comments, second.comments) == (2, 1)
    # Fewer words are covered than were shown to be: that has nobody seen.
    with pytest.raises(NothingCovered):
        decide(seen, REDACTED, cover=only(first.mark, second.mark, words=(NUMBER,)))
    done = decide(seen, REDACTED, cover=only(first.mark))
    assert (done.decided, done.uncovered) == (2, 1)
    assert published(session)[2] is None


def test_a_text_of_which_nothing_would_be_left_waits_on(
    alike: Callable[..., list[int]],
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
) -> None:
    alike(SIGNED, SIGNED)
    for words in ((SIGNED,), ("そのような言葉はない",), ()):
        with pytest.raises(NothingCovered):
            decide(shown(), REDACTED, cover=CoverTogether(words, Reason.ABUSE))
    with pytest.raises(NothingCovered):
        decide(shown(), REDACTED)
    with pytest.raises(NothingCovered):
        decide(shown(), cover=COVER_BOTH)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_page_shows_each_text_as_covered_before_anything_is_decided(
    desk: FlaskClient,
    session: Session,
    alike: Callable[..., list[int]],
    shown: Callable[[], ShownCampaign],
    lang: str,
) -> None:
    alike(SIGNED, SPACED, BODY)
    seen = shown()
    where = f"/{lang}/moderation/campaigns/{seen.line.id}"
    form = {
        "upto": str(seen.upto),
        "shown": str(seen.shown),
        "wordings": ",".join(str(wording.id) for wording in seen.wordings),
        "publication": "redacted",
        "treatment": Treatment.COUNTS.value,
        "words": f"{NUMBER}\n{NAME}\n",
        "words_reason": Reason.PERSONAL_DATA.value,
    }
    nowhere = desk.post(where, data={**form, "words": "そのような言葉はない"})
    none = desk.post(where, data={**form, "words": ""})
    first = desk.post(where, data=form)
    page = first.get_data(as_text=True)
    marks = re.search(r'name="seen"[^>]*value="([^"]*)"', page)
    assert marks is not None
    otherwise = desk.post(where, data={**form, "words": NAME, "seen": marks[1]})
    before = session.scalar(select(func.count()).select_from(Decision))
    done = desk.post(where, data={**form, "seen": marks[1]})
    told = desk.get(done.location).get_data(as_text=True)

    assert (nowhere.status_code, none.status_code) == (400, 400)
    assert (first.status_code, otherwise.status_code, before) == (200, 200, 0)
    assert page.count(COVER) >= 4
    assert {"ja": "1件は今回の審査から外れ", "en": "1 comment is left out"}[lang] in page
    assert {"ja": "2件をまとめて審査しました", "en": "2 comments were decided together."}[
        lang
    ] in told
    assert {"ja": "1件は", "en": "1 in which nothing could be covered"}[lang] in told
    assert published(session) == [covered(t, NUMBER, NAME) for t in (SIGNED, SPACED)] + [None]

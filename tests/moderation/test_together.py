"""One decision over a campaign: on those who were shown, on no other, each for itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests import build
from tests.moderation.conftest import DESK, PUBLISHED
from tests.moderation.test_campaigns import BUS, SNOW, SNOW_TOO
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.audit.models import AuditEntry
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.letters.models import Delivery
from webapp.letters.rules import LetterKind
from webapp.measures.queries import edition_number
from webapp.moderation.campaigns import ShownCampaign
from webapp.moderation.claiming import take_up
from webapp.moderation.grouping import proposals_in
from webapp.moderation.membership import NothingLeftTogether
from webapp.moderation.models import Claim, Decision, Proposal
from webapp.moderation.proposals import proposals_on
from webapp.moderation.rules import Reason, TooLateToUndo, Verdict
from webapp.moderation.together import DecidedTogether
from webapp.moderation.undoing import undo
from webapp.moderation.undoing_together import undo_together
from webapp.receipts.rules import Revision
from webapp.receipts.services import revise, withdraw

WITHHELD = Verdict(Publication.WITHHELD, reason=Reason.ADVERTISING)


def outcome(done: DecidedTogether) -> dict[str, int]:
    """What became of how many, without what became of none."""
    names = ("decided", "proposed", "held", "left_out")
    return {name: getattr(done, name) for name in names if getattr(done, name)}


def publications(session: Session) -> list[str]:
    session.expire_all()
    return [one.value for one in session.scalars(select(Comment.publication).order_by(Comment.id))]


def test_the_page_counts_comments_and_wordings_and_shows_where_they_differ(
    campaign: Callable[..., list[int]],
    shown: Callable[[], ShownCampaign],
) -> None:
    campaign(SNOW_TOO, SNOW, SNOW, BUS)

    seen = shown()
    first, second = seen.wordings
    assert (seen.line.received, seen.line.wordings, seen.line.waiting, seen.shown) == (3, 2, 3, 3)
    assert (first.text, first.waiting) == (SNOW, 2)
    assert {change.kind for change in first.changes} == {"same"}
    assert "".join(c.text for c in second.changes if c.kind != "gone") == SNOW_TOO
    assert "".join(c.text for c in second.changes if c.kind != "new") == SNOW


def test_each_has_its_own_decision_trail_and_letter_and_the_pages_turn_once(
    session: Session,
    screened: Callable[..., Comment],
    fold: Callable[[], None],
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
) -> None:
    ids = [screened(SNOW, email=f"a{number}@example.jp").id for number in range(3)]
    fold()
    before = edition_number(session)
    done = decide(shown())

    assert outcome(done) == {"decided": 3}
    assert publications(session) == ["published"] * 3
    assert session.scalars(select(Decision.comment_id).order_by(Decision.id)).all() == ids
    assert edition_number(session) == before + 1
    trail = select(AuditEntry.subject).where(AuditEntry.action == "comment.decided")
    assert session.scalars(trail).all() == [f"comment:{one}" for one in ids]
    letters = select(func.count()).where(Delivery.kind == LetterKind.DECISION)
    assert session.scalar(letters) == 3


def test_what_came_later_waits_for_the_next_decision(
    campaign: Callable[..., list[int]],
    session: Session,
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
) -> None:
    campaign(SNOW, SNOW_TOO)
    seen = shown()
    campaign(SNOW, SNOW_TOO)

    assert outcome(decide(seen)) == {"decided": 2}
    assert publications(session) == ["published", "published", "waiting", "waiting"]


def test_what_changed_meanwhile_is_left_out_and_told(
    session: Session,
    screened: Callable[..., Comment],
    screen: Callable[..., None],
    fold: Callable[[], None],
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
    settle: Callable[..., Decision],
    now: datetime,
) -> None:
    revised, withdrawn, decided, _steady, back = (screened(SNOW) for _ in range(5))
    fold()
    seen = shown()
    revise(session, revised.id, Revision(BUS, "ja"), version=1, now=now)
    withdraw(session, withdrawn.id, version=1, now=now)
    settle(decided, WITHHELD)
    # Away and back again with the same words: yet nobody has read it as it is now.
    for version, text in ((1, BUS), (2, SNOW)):
        revise(session, back.id, Revision(text, "ja"), version=version, now=now)
    screen(session.get_one(Comment, back.id, populate_existing=True))
    fold()

    assert outcome(decide(seen)) == {"decided": 1, "left_out": 4}
    assert publications(session) == ["waiting", "withdrawn", "withheld", "published", "waiting"]


def test_a_second_press_decides_nothing_again(
    campaign: Callable[..., list[int]],
    session: Session,
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
) -> None:
    campaign(SNOW, SNOW)
    seen = shown()
    decide(seen)

    with pytest.raises(NothingLeftTogether):
        decide(seen, WITHHELD)
    assert publications(session) == ["published"] * 2
    assert session.scalar(select(func.count()).select_from(Decision)) == 2


def test_only_the_wordings_that_were_shown_are_decided(
    campaign: Callable[..., list[int]],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
) -> None:
    monkeypatch.setattr("webapp.moderation.campaigns.WORDINGS", 1)
    campaign(SNOW, SNOW, SNOW_TOO)
    seen = shown()

    assert (len(seen.wordings), seen.shown, seen.line.waiting) == (1, 2, 3)
    assert outcome(decide(seen)) == {"decided": 2}
    assert publications(session) == ["published", "published", "waiting"]


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_row_leads_to_the_page_and_the_decision_back_to_the_queue(
    campaign: Callable[..., list[int]],
    desk: FlaskClient,
    session: Session,
    shown: Callable[[], ShownCampaign],
    lang: str,
) -> None:
    campaign(SNOW, SNOW, SNOW_TOO)
    seen = shown()
    where = f"/{lang}/moderation/campaigns/{seen.line.id}"
    queue = desk.get(f"/{lang}/moderation").get_data(as_text=True)
    page = desk.get(where).get_data(as_text=True)
    form = {
        "upto": str(seen.upto),
        "shown": "3",
        "wordings": ",".join(str(wording.id) for wording in seen.wordings),
        "publication": "published",
        "treatment": "counts",
    }
    wrong = desk.post(where, data={**form, "publication": ""})
    answer = desk.post(where, data=form)
    told = desk.get(answer.location).get_data(as_text=True)
    again = desk.post(where, data=form)

    assert queue.count('<article class="comment"') == 1
    assert where in queue
    assert "<ins>" in page
    assert "<del>" in page
    assert (wrong.status_code, answer.status_code, again.status_code) == (400, 302, 409)
    assert {"ja": "3件をまとめて審査しました", "en": "3 comments were decided together."}[
        lang
    ] in told
    assert desk.get(where).status_code == 404


def test_a_form_that_names_no_wording_is_refused(
    campaign: Callable[..., list[int]],
    app: Flask,
    desk: FlaskClient,
    shown: Callable[[], ShownCampaign],
) -> None:
    campaign(SNOW, SNOW)
    where = f"/en/moderation/campaigns/{shown().line.id}"
    for wordings in ("", "1;2", "-1", "1," * 500, "٣", "9" * 40):
        form = {"upto": "1", "shown": "1", "wordings": wordings, "publication": "published"}

        assert desk.post(where, data={**form, "treatment": "counts"}).status_code == 400


def test_a_grave_verdict_waits_in_the_campaign_until_another_agrees_with_one_press(
    campaign: Callable[..., list[int]],
    session: Session,
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
    moderator: Staff,
) -> None:
    campaign(SNOW, SNOW, SNOW_TOO, email="a@example.jp")
    other, before = build.staff(session, Role.MODERATOR), shown()
    proposed = decide(before, WITHHELD)
    seen = shown()
    letters = select(func.count()).where(Delivery.kind == LetterKind.DECISION)

    assert outcome(proposed) == {"proposed": 3}
    assert (seen.shown, publications(session)) == (3, ["waiting"] * 3)
    assert session.scalar(letters) == 0
    # Whoever has not seen the proposals decides on none of them; the same press again is the same.
    with pytest.raises(NothingLeftTogether):
        decide(before, PUBLISHED, by=other)
    assert outcome(decide(seen, WITHHELD)) == {"proposed": 3}
    assert session.scalar(select(func.count()).select_from(Proposal)) == 3
    [group] = proposals_in(session, seen.line.id, seen.upto, [w.id for w in seen.wordings])
    assert (group.comments, group.moderator_id, group.verdict) == (3, moderator.id, WITHHELD)
    agreed = decide(shown(), WITHHELD, by=other, proposal=group.first)
    assert outcome(agreed) == {"decided": 3}
    assert publications(session) == ["withheld"] * 3
    assert session.scalar(letters) == 3


def test_agreeing_touches_only_what_was_proposed(
    campaign: Callable[..., list[int]],
    session: Session,
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
) -> None:
    campaign(SNOW, SNOW)
    proposed = decide_with_other(session, decide, shown)
    campaign(SNOW)
    agreed = decide(shown(), WITHHELD, proposal=proposed.first_proposal)

    assert agreed.decided == 2
    assert publications(session) == ["withheld", "withheld", "waiting"]


def decide_with_other(
    session: Session,
    decide: Callable[..., DecidedTogether],
    shown: Callable[[], ShownCampaign],
) -> DecidedTogether:
    other = build.staff(session, Role.MODERATOR)
    return decide(shown(), WITHHELD, by=other)


def test_what_someone_else_works_on_is_left_out_and_told(
    campaign: Callable[..., list[int]],
    session: Session,
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
    moderator: Staff,
    now: datetime,
) -> None:
    ids = campaign(SNOW, SNOW, SNOW)
    other = build.staff(session, Role.MODERATOR).id
    for who, comment_id in ((other, ids[0]), (moderator.id, ids[1])):
        take_up(session, comment_id, moderator_id=who, now=now, lasting=timedelta(minutes=9))

    assert outcome(decide(shown())) == {"decided": 2, "held": 1}
    assert publications(session) == ["waiting", "published", "published"]
    assert session.scalars(select(Claim.staff_id)).all() == [other]


def test_within_the_minute_one_press_takes_it_all_back_into_the_campaign(
    campaign: Callable[..., list[int]],
    session: Session,
    fold: Callable[[], None],
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
    moderator: Staff,
    now: datetime,
) -> None:
    ids = campaign(SNOW, SNOW, SNOW, email="a@example.jp")
    done = decide(shown())
    withdraw(session, ids[0], version=2, now=now)
    fold()
    first = {"decision_id": done.first_decision, "proposal_id": None}
    mine = {"moderator_id": moderator.id, "within": DESK.undo_within}
    due = select(Delivery.due_at).where(Delivery.kind == LetterKind.DECISION)

    assert set(session.scalars(due)) == {now + DESK.undo_within}
    with pytest.raises(TooLateToUndo):
        undo_together(session, **first, **mine, now=now + DESK.undo_within)
    assert undo_together(session, **first, **mine, now=now) == 2
    assert publications(session) == ["withdrawn", "waiting", "waiting"]
    assert (shown().line.waiting, shown().shown) == (2, 2)
    assert session.scalars(due).all() == []
    trail = select(func.count()).where(AuditEntry.action == "comment.undone")
    assert session.scalar(trail) == 2
    with pytest.raises(TooLateToUndo):
        undo_together(session, **first, **mine, now=now)
    assert outcome(decide(shown(), WITHHELD)) == {"decided": 2}


@pytest.mark.parametrize("verdict", [PUBLISHED, WITHHELD], ids=["decided", "proposed"])
def test_one_that_is_undone_by_itself_waits_in_its_campaign_again(
    campaign: Callable[..., list[int]],
    session: Session,
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
    moderator: Staff,
    now: datetime,
    verdict: Verdict,
) -> None:
    build.staff(session, Role.MODERATOR)
    ids = campaign(SNOW, SNOW, SNOW)
    before = shown()
    decide(before, verdict)
    campaign(SNOW)
    mine = {"moderator_id": moderator.id, "now": now, "within": DESK.undo_within}
    undo(session, ids[1], version=1, **mine)
    later = shown()

    # It is in the row, as something nobody has read: an old page decides nothing on it.
    assert later.shown == (2 if verdict is PUBLISHED else 4)
    with pytest.raises(NothingLeftTogether):
        decide(before, PUBLISHED)
    assert outcome(decide(later)) == {"decided": later.shown}


def test_proposals_are_taken_back_by_who_made_them_and_by_no_other(
    campaign: Callable[..., list[int]],
    session: Session,
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
    moderator: Staff,
    now: datetime,
) -> None:
    campaign(SNOW, SNOW)
    other = build.staff(session, Role.MODERATOR)
    done = decide(shown(), WITHHELD)
    group = {"decision_id": None, "proposal_id": done.first_proposal, "now": now}
    with pytest.raises(TooLateToUndo):
        undo_together(session, **group, moderator_id=other.id, within=timedelta(0))

    assert undo_together(session, **group, moderator_id=moderator.id, within=timedelta(0)) == 2
    assert proposals_on(session, [1, 2]) == {}
    assert shown().line.waiting == 2


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_second_person_agrees_and_undoes_on_the_pages(
    campaign: Callable[..., list[int]],
    desk: FlaskClient,
    session: Session,
    shown: Callable[[], ShownCampaign],
    decide: Callable[..., DecidedTogether],
    lang: str,
) -> None:
    campaign(SNOW, SNOW)
    proposed = decide_with_other(session, decide, shown)
    seen = shown()
    where = f"/{lang}/moderation/campaigns/{seen.line.id}"
    page = desk.get(where).get_data(as_text=True)
    form = {
        "upto": str(seen.upto),
        "shown": "2",
        "wordings": ",".join(str(wording.id) for wording in seen.wordings),
        "proposal": str(proposed.first_proposal),
        "publication": "withheld",
        "treatment": "counts",
        "reason": "advertising",
    }
    told = desk.post(where, data=form, follow_redirects=True).get_data(as_text=True)
    decision = session.scalars(select(func.min(Decision.id))).one()
    undone = desk.post(
        f"/{lang}/moderation/campaigns/undo",
        data={"first_decision": str(decision)},
        follow_redirects=True,
    ).get_data(as_text=True)

    assert {"ja": "2件について同意する", "en": "Agree on 2 comments"}[lang] in page
    assert {"ja": "2件をまとめて審査しました", "en": "2 comments were decided together."}[
        lang
    ] in told
    assert f'name="first_decision" value="{decision}"' in told
    assert {"ja": "2件を、審査前の状態に戻しました", "en": "2 comments wait again"}[lang] in undone
    assert publications(session) == ["waiting"] * 2


def test_a_comment_page_lists_what_else_came_with_its_receipt(
    desk: FlaskClient,
    session: Session,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
) -> None:
    first = screened(SNOW)
    second = screened(BUS, joins=first.receipt_id)
    alone = screened(BUS)
    settle(second)
    page = desk.get(f"/en/moderation/comments/{first.id}").get_data(as_text=True)
    quiet = desk.get(f"/en/moderation/comments/{alone.id}").get_data(as_text=True)

    assert "1 other comment came with the same receipt." in page
    assert f"/en/moderation/comments/{second.id}" in page
    assert "came with the same receipt" not in quiet

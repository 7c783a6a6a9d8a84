"""Two to eight moderators and an author at one desk, at the same instant, on real threads."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests import build
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.audit.models import AuditEntry
from webapp.comments.models import Comment
from webapp.comments.rules import VISIBLE, Publication, Treatment
from webapp.db import db
from webapp.letters.models import Delivery
from webapp.letters.rules import LetterKind
from webapp.measures.models import Measure
from webapp.moderation.claiming import keep, leave, take_next, take_over, take_up
from webapp.moderation.membership import Membership, NothingLeftTogether
from webapp.moderation.models import (
    Appeal,
    Campaign,
    Claim,
    Decision,
    FoldCounter,
    MeasureWording,
    Proposal,
    Screening,
    Takeover,
    Undoing,
    Wording,
)
from webapp.moderation.queue_rules import QueueKey
from webapp.moderation.rules import (
    AlreadyDecided,
    AlreadyProposed,
    CommentChanged,
    DeskRules,
    HeldByAnother,
    Reason,
    SecondLookIsForAnother,
    TooLateToUndo,
    Verdict,
)
from webapp.moderation.services import decide
from webapp.moderation.together import DecidedTogether, decide_together
from webapp.moderation.undoing import undo
from webapp.moderation.undoing_together import undo_together
from webapp.receipts.rules import ChangedMeanwhile, NoSecondLook
from webapp.receipts.services import ask_for_second_look
from webapp.refusal import NotThere, Refusal

DESK = DeskRules(second_person=True, undo_within=timedelta(seconds=60))
LEASE = timedelta(minutes=10)
FIRST = QueueKey(datetime(2020, 1, 1, tzinfo=UTC), 0)
PEOPLE = 8
COMMENTS = 2
EXPECTED = (
    AlreadyDecided,
    AlreadyProposed,
    CommentChanged,
    HeldByAnother,
    SecondLookIsForAnother,
    TooLateToUndo,
    NotThere,
    ChangedMeanwhile,
    NoSecondLook,
    NothingLeftTogether,
)
REFUSED: tuple[type[Refusal], ...] = (
    AlreadyDecided,
    AlreadyProposed,
    HeldByAnother,
    TooLateToUndo,
)
CHANGES = ("comment.decided", "comment.proposed", "comment.undone", "comment.appealed")
ACTS = (
    *("decide",) * 6,
    *("together",) * 3,
    *("undo together",) * 2,
    *("undo",) * 3,
    *("appeal",) * 2,
    *("take up", "next", "keep", "leave", "leave", "take over"),
)
Said = tuple[Publication, Treatment, Reason | None]
Act = tuple[str, int, Said, bool]
KINDS = (Decision, Proposal, Undoing, Appeal, Takeover, Claim)
VERDICTS = (
    (Publication.PUBLISHED, Treatment.COUNTS, None),
    (Publication.WITHHELD, Treatment.COUNTS, Reason.ABUSE),
    (Publication.WITHHELD, Treatment.NOT_AN_OPINION, Reason.ADVERTISING),
)


@dataclass
class World:
    """What the examples share: a site, its people by id, and comments nobody has touched yet."""

    app: Flask
    session: Session
    measure: Measure
    names: dict[int, str]
    now: datetime
    told: Counter[type] = field(default_factory=Counter)
    campaign: int | None = None
    pressed: int = 0
    undone: int = 0
    wording: int = 0
    notes: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def fresh_comments(self, *, alone: bool = False) -> list[int]:
        made = [
            build.comment(self.session, self.measure, text="意見", now=self.now, email="a@b.jp").id
            for _ in range(COMMENTS)
        ]
        self.session.execute(
            update(Comment).where(Comment.id.in_(made)).values(screened_at=self.now)
        )
        if not alone:
            self.wait_together(made)
        self.session.commit()
        return made

    def wait_together(self, made: list[int]) -> None:
        """Let the comments wait in one campaign, as comments that are alike do."""
        if self.campaign is None:
            wording = Wording(fingerprint="a" * 64, first_comment_id=made[0], copies=COMMENTS)
            place = {"oldest_at": self.now, "oldest_id": made[0]}
            campaign = Campaign(measure_id=self.measure.id, leader="a" * 64, is_open=True, **place)
            self.session.add_all([wording, campaign])
            self.session.flush()
            self.campaign, self.wording = campaign.id, wording.id
            self.session.add(
                MeasureWording(
                    wording_id=wording.id,
                    measure_id=self.measure.id,
                    campaign_id=campaign.id,
                    comments=COMMENTS,
                )
            )
        for comment_id in made:
            self.session.add(
                Screening(comment_id=comment_id, wording_id=self.wording, is_placed=True)
            )
        self.session.execute(
            update(Comment)
            .where(Comment.id.in_(made))
            .values(
                campaign_id=self.campaign,
                fold_number=select(FoldCounter.number).scalar_subquery(),
            )
            .execution_options(synchronize_session=False)
        )
        self.session.commit()


@pytest.fixture
def world(app: Flask, session: Session, measure: Measure, now: datetime) -> World:
    people = [build.staff(session, Role.MODERATOR, name=f"Moderator {n}") for n in range(PEOPLE)]
    names = {person.id: person.name for person in people}
    return World(app, session, measure, names, now)


class DeskMachine(RuleBasedStateMachine):
    """Each rule lets some hands act at one instant, each on the version that it read last."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.session = world.session
        self.now = world.now

    @initialize(size=st.integers(2, PEOPLE), alone=st.sampled_from([False, False, True]))
    def open_the_desk(self, size: int, alone: bool) -> None:
        self.people = list(self.world.names)[:size]
        active = Staff.id.in_(self.people)
        self.session.execute(update(Staff).where(active).values(disabled_at=None))
        self.session.execute(update(Staff).where(~active).values(disabled_at=self.now))
        # What earlier examples left waiting is nothing to this one.
        waiting = Comment.publication == Publication.WAITING
        away = {"publication": Publication.WITHHELD, "campaign_id": None, "fold_number": None}
        self.session.execute(update(Comment).where(waiting).values(away))
        self.session.commit()
        self.comments = self.world.fresh_comments(alone=alone)
        self.read = {(p, c): 1 for p in self.people for c in self.comments}
        self.said: set[str] = set()
        self.upto = self.folded()
        self.done: dict[int, DecidedTogether] = {}

    @rule(
        seconds=st.sampled_from([0, 0, 5, 40, 90, 700]),
        comment=st.integers(0, COMMENTS - 1),
        acts=st.lists(
            st.tuples(
                st.sampled_from(ACTS),
                st.integers(0, PEOPLE - 1),
                st.sampled_from(VERDICTS),
                st.booleans(),
            ),
            min_size=1,
            max_size=4,
        ),
    )
    def they_act_at_once(self, seconds: int, comment: int, acts: list[Act]) -> None:  # type: ignore[type-arg]
        """Some time later; who does not read afresh acts on what was read before."""
        self.now += timedelta(seconds=seconds)
        comment_id = self.comments[comment]
        hands = []
        for what, person, verdict, is_fresh in acts:
            who = self.people[person % len(self.people)]
            if what == "undo" and is_fresh:
                who = self.last_hand(comment_id) or who
            if what == "undo together" and is_fresh and self.done:
                who = list(self.done)[-1]
            if what == "together" and is_fresh:
                self.upto = self.folded()
            if what == "appeal" or is_fresh:
                self.read[who, comment_id] = self.version(comment_id)
            hands.append(self.hand(what, who, comment_id, verdict))
        self.they_are_told(comment_id, at_once(self.world.app, hands))

    @rule(
        persons=st.lists(st.integers(0, PEOPLE - 1), min_size=1, max_size=3), undoes=st.booleans()
    )
    def they_press_on_all_at_once(self, persons: list[int], undoes: bool) -> None:
        """Some decide together on what they see now; then they may take it back, all at once."""
        self.upto = self.folded()
        people = [self.people[person % len(self.people)] for person in persons]
        first = self.comments[0]
        for what in ("together", "undo together") if undoes else ("together",):
            hands = [
                self.hand(what, who, first, VERDICTS[place % len(VERDICTS)])
                for place, who in enumerate(people)
            ]
            self.they_are_told(first, at_once(self.world.app, hands))

    @rule()
    def two_withhold_and_the_author_asks_again(self) -> None:
        """What random hands seldom reach: a withholding that stands, and the wish for another."""
        comment_id = self.comments[-1]
        one, other = self.people[0], self.people[1]
        for what, who in (("decide", one), ("decide", other), ("appeal", one)):
            self.read[who, comment_id] = self.version(comment_id)
            hand = self.hand(what, who, comment_id, VERDICTS[1])
            self.they_are_told(comment_id, at_once(self.world.app, [hand]))

    def they_are_told(self, comment_id: int, told: list[Exception | None]) -> None:
        self.session.expire_all()
        for refusal in told:
            self.world.told[type(refusal)] += 1
            assert refusal is None or isinstance(refusal, EXPECTED), refusal
            if isinstance(refusal, AlreadyDecided):
                self.was_decided(comment_id, refusal)
            if isinstance(refusal, AlreadyProposed):
                self.was_proposed(comment_id, refusal)

    def last_hand(self, comment_id: int) -> int | None:
        """Whose decision or proposal came last."""
        acts = [*self.rows(Decision, comment_id), *self.rows(Proposal, comment_id)]
        return max(acts, key=lambda act: act.version).moderator_id if acts else None

    def hand(
        self, what: str, who: int, comment_id: int, verdict: Said
    ) -> Callable[[Session], None]:  # type: ignore[type-arg]
        """One person's act, ready to be done in a thread."""
        version, now = self.read[who, comment_id], self.now
        mine = {"moderator_id": who, "now": now}
        note = f"note {next(self.world.notes)}"

        def act(session: Session) -> None:
            if what == "decide":
                wanted = Verdict(*verdict, note=note)
                decide(session, comment_id, version=version, verdict=wanted, desk=DESK, **mine)  # type: ignore[arg-type]
                self.said.add(note)
            elif what == "together":
                self.together(session, who, Verdict(*verdict, note=note))
            elif what == "undo together":
                last = self.done.get(who)
                if last is not None:
                    undo_together(
                        session,
                        decision_id=last.first_decision,
                        proposal_id=last.first_proposal,
                        within=DESK.undo_within,
                        **mine,  # type: ignore[arg-type]
                    )
                    self.world.undone += 1
            elif what == "undo":
                for done in (version, version - 1):
                    try:
                        undo(session, comment_id, version=done, within=DESK.undo_within, **mine)  # type: ignore[arg-type]
                    except NotThere:
                        session.rollback()
            elif what == "take up":
                take_up(session, comment_id, lasting=LEASE, **mine)  # type: ignore[arg-type]
            elif what == "next":
                found = take_next(session, FIRST, lasting=LEASE, **mine)  # type: ignore[arg-type]
                assert found is None or found in self.comments
            elif what == "keep":
                keep(session, comment_id, lasting=LEASE, **mine)  # type: ignore[arg-type]
            elif what == "leave":
                leave(session, comment_id, **mine)  # type: ignore[arg-type]
            elif what == "take over":
                take_over(session, comment_id, reason=note, lasting=LEASE, **mine)  # type: ignore[arg-type]
            else:
                ask_for_second_look(session, comment_id, note=note, version=version, now=now)

        return act

    def together(self, session: Session, who: int, verdict: Verdict) -> None:
        """Decide on those that were shown when the page was read."""
        assert self.world.campaign is not None
        done = decide_together(
            session,
            self.world.campaign,
            members=Membership(self.upto, (self.world.wording,), COMMENTS),
            verdict=verdict,
            moderator_id=who,
            now=self.now,
            desk=DESK,
        )
        assert done.decided + done.proposed + done.held + done.left_out == COMMENTS
        self.done[who] = done
        self.world.pressed += 1

    def folded(self) -> int:
        number = self.session.scalar(select(FoldCounter.number))
        self.session.rollback()
        return number or 0

    def was_decided(self, comment_id: int, refusal: Refusal) -> None:
        """Whoever came too late was told a name and a time that stand in the record."""
        rows = self.rows(Decision, comment_id)

        assert (refusal.facts["who"], refusal.facts["decided_at"]) in {
            (self.world.names[row.moderator_id], row.decided_at) for row in rows
        }

    def was_proposed(self, comment_id: int, refusal: Refusal) -> None:
        rows = self.rows(Proposal, comment_id)

        assert (refusal.facts["who"], refusal.facts["proposed_at"]) in {
            (self.world.names[row.moderator_id], row.proposed_at) for row in rows
        }

    @invariant()
    def each_version_was_settled_once_and_each_change_left_one_entry(self) -> None:
        for comment_id in self.started():
            decisions = [row.version for row in self.rows(Decision, comment_id)]
            proposals = [row.version for row in self.rows(Proposal, comment_id)]
            undoings = [row.version for row in self.rows(Undoing, comment_id)]
            appeals = len(self.rows(Appeal, comment_id))
            used = [*decisions, *proposals, *(version + 1 for version in undoings)]
            trail = self.session.scalars(
                select(AuditEntry.action).where(AuditEntry.subject == f"comment:{comment_id}")
            ).all()

            assert len(used) == len(set(used))
            assert len(used) + appeals == self.version(comment_id) - 1
            assert sorted(a for a in trail if a in CHANGES) == sorted(
                ["comment.decided"] * len(decisions)
                + ["comment.proposed"] * len(proposals)
                + ["comment.undone"] * len(undoings)
                + ["comment.appealed"] * appeals
            )
            assert trail.count("comment.taken-over") == len(self.rows(Takeover, comment_id))

    @invariant()
    def no_note_is_lost(self) -> None:
        kept = {
            row.note
            for comment_id in self.started()
            for kind in (Decision, Proposal)
            for row in self.rows(kind, comment_id)
        }

        assert getattr(self, "said", set()) <= kept

    @invariant()
    def a_grave_decision_was_said_by_two_people(self) -> None:
        for comment_id in self.started():
            proposals = {row.version: row for row in self.rows(Proposal, comment_id)}
            decisions = self.rows(Decision, comment_id)
            appealed = {row.decision_id for row in self.rows(Appeal, comment_id)}
            for decision in decisions:
                said: set[str] = set()
                earlier = [d for d in decisions if d.version < decision.version]
                behind = [proposals.get(decision.version - 1), *earlier]
                for act in behind:
                    is_behind = isinstance(act, Proposal) or (act and act.id in appealed)
                    if act and is_behind and act.moderator_id != decision.moderator_id:
                        said |= grave(act)

                assert grave(decision) <= said, (decision.version, decision.moderator_id)

    @invariant()
    def the_comment_is_what_the_record_says(self) -> None:
        for comment_id in self.started():
            comment = self.session.get_one(Comment, comment_id)
            decisions = {row.version: row for row in self.rows(Decision, comment_id)}
            last = decisions.get(comment.version - 1)
            if last is not None:
                assert (comment.publication, comment.treatment) == (
                    last.publication,
                    last.treatment,
                )
            if comment.publication in VISIBLE:
                assert comment.published_text == comment.text
                assert comment.published_at is not None
            if comment.campaign_id is not None:
                assert (comment.publication, comment.treatment) == (
                    Publication.WAITING,
                    Treatment.UNDECIDED,
                )
            if any(row.version == comment.version - 1 for row in self.rows(Proposal, comment_id)):
                assert comment.publication is Publication.WAITING

    @invariant()
    def each_decision_that_stands_owes_one_letter_and_no_sooner_than_it_may_be_undone(self) -> None:
        for comment_id in self.started():
            undone = {row.version for row in self.rows(Undoing, comment_id)}
            standing = {
                row.id: row.decided_at + DESK.undo_within
                for row in self.rows(Decision, comment_id)
                if row.version not in undone
            }
            owed = self.session.execute(
                select(Delivery.subject_id, Delivery.due_at).where(
                    Delivery.recipient == f"author:{comment_id}",
                    Delivery.kind == LetterKind.DECISION,
                )
            ).all()

            assert sorted(map(tuple, owed)) == sorted(standing.items())

    def started(self) -> list[int]:
        """The comments of this example; hypothesis checks once before there are any."""
        self.session.rollback()
        return getattr(self, "comments", [])

    def version(self, comment_id: int) -> int:
        found = self.session.scalar(select(Comment.version).where(Comment.id == comment_id))
        self.session.rollback()
        assert found is not None
        return found

    def rows(self, kind: type, comment_id: int) -> list:  # type: ignore[type-arg]
        return rows_of(self.session, kind, comment_id)


def rows_of(session: Session, kind: type, comment_id: int) -> list:  # type: ignore[type-arg]
    """What the record has of this kind on a comment, read anew."""
    return list(
        session.scalars(
            select(kind)
            .where(kind.comment_id == comment_id)
            .execution_options(populate_existing=True)
        )
    )


def grave(act: Decision | Proposal) -> frozenset[str]:
    return Verdict(act.publication, act.treatment, act.reason).grave


def at_once(app: Flask, hands: list[Callable[[Session], None]]) -> list[Exception | None]:
    """Let all of them go at one instant, each in a thread; what each was told."""
    start = threading.Barrier(len(hands))
    told: list[Exception | None] = [None] * len(hands)

    def go(place: int) -> None:
        with app.app_context():
            session = db.session()
            start.wait()
            try:
                hands[place](session)
            except Exception as refusal:
                session.rollback()
                told[place] = refusal

    threads = [threading.Thread(target=go, args=(place,)) for place in range(len(hands))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_whatever_they_do_at_once_each_version_is_settled_once(world: World) -> None:
    run_state_machine_as_test(
        lambda: DeskMachine(world),
        settings=settings(
            max_examples=14,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )

    happened = [world.session.scalar(select(func.count()).select_from(k)) for k in KINDS]
    assert all(happened), dict(zip(KINDS, happened, strict=True))
    assert world.pressed, "nobody decided together"
    assert world.undone, "nobody took back together"
    # Which of these hands meet is up to the threads; each kind is met for certain by pressing so.
    for kind in REFUSED:
        world.told.update(type(refusal) for refusal in pressed_by_all(world, kind)[1])
    assert set(world.told) >= set(REFUSED)


def pressed_by_all(world: World, kind: type[Refusal]) -> tuple[int, list[Exception | None]]:
    """All press the same at one instant on one comment nobody has touched; what each was told.

    Whoever comes first is told nothing, and whatever the order, everyone else is told `kind`.
    Undoing is tried when it is too late for anyone.
    """
    comment_id = world.fresh_comments(alone=True)[0]
    late = world.now + DESK.undo_within

    def hand(who: int, note: str) -> Callable[[Session], None]:
        mine = {"moderator_id": who, "now": world.now}
        said = VERDICTS[1] if kind is AlreadyProposed else VERDICTS[0]
        verdict = Verdict(*said, note=note)
        if kind is HeldByAnother:
            return lambda own: take_up(own, comment_id, lasting=LEASE, **mine)  # type: ignore[arg-type]
        if kind is TooLateToUndo and note:
            return lambda own: undo(
                own,
                comment_id,
                version=1,
                moderator_id=who,
                now=late,
                within=DESK.undo_within,
            )
        return lambda own: decide(  # type: ignore[return-value]
            own,
            comment_id,
            version=1,
            verdict=verdict,
            desk=DESK,
            **mine,  # type: ignore[arg-type]
        )

    world.session.execute(update(Staff).values(disabled_at=None))
    world.session.commit()
    if kind is TooLateToUndo:
        assert at_once(world.app, [hand(next(iter(world.names)), "")]) == [None]
    hands = [hand(who, f"note of {who}") for who in world.names]
    return comment_id, at_once(world.app, hands)


@pytest.mark.parametrize("kind", REFUSED, ids=lambda kind: kind.__name__)
def test_whoever_is_not_the_first_of_eight_is_refused_for_the_reason_there_is(
    world: World, session: Session, kind: type[Refusal]
) -> None:
    comment_id, told = pressed_by_all(world, kind)
    session.expire_all()
    rows = {each: rows_of(session, each, comment_id) for each in KINDS}
    left = {each.__name__: len(found) for each, found in rows.items() if found}
    names = {
        AlreadyDecided: (Decision, "decided_at"),
        AlreadyProposed: (Proposal, "proposed_at"),
        HeldByAnother: (Claim, "ends_at"),
        TooLateToUndo: (Decision, ""),
    }
    made, moment = names[kind]
    winners = [who for who, refusal in zip(world.names, told, strict=True) if refusal is None]

    assert left == {made.__name__: 1}
    assert Counter(type(refusal) for refusal in told if refusal) == {
        kind: PEOPLE if kind is TooLateToUndo else PEOPLE - 1
    }
    if moment:
        [row] = rows[made]
        [first] = winners
        by = row.staff_id if made is Claim else row.moderator_id
        assert by == first
        facts = [refusal.facts for refusal in told if isinstance(refusal, Refusal)]
        assert facts == [{"who": world.names[first], moment: getattr(row, moment)}] * (PEOPLE - 1)
    else:
        comment = session.get_one(Comment, comment_id)
        assert (comment.publication, comment.version) == (Publication.PUBLISHED, 2)
        letters = select(func.count()).where(
            Delivery.recipient == f"author:{comment_id}", Delivery.kind == LetterKind.DECISION
        )
        assert session.scalar(letters) == 1


def test_of_eight_who_reach_for_the_next_comment_each_gets_another(
    world: World, session: Session
) -> None:
    for _ in range(PEOPLE // COMMENTS):
        world.fresh_comments(alone=True)
    got: list[int | None] = []

    def hand(who: int) -> Callable[[Session], None]:
        return lambda own: got.append(
            take_next(own, FIRST, moderator_id=who, now=world.now, lasting=LEASE)
        )

    assert at_once(world.app, [hand(who) for who in world.names]) == [None] * PEOPLE
    assert len(set(got)) == PEOPLE
    assert None not in got
    assert session.scalar(select(func.count()).select_from(Claim)) == PEOPLE

"""Subscribing to reports, storing their figures, and owing their letters, each once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.accounts.models import Staff
from webapp.audit.services import record
from webapp.citytime import Week
from webapp.letters.rules import LetterKind
from webapp.letters.services import drop_about, owe_again, owe_each
from webapp.measures.services import turn_edition
from webapp.reports.models import ReportFigures, Subscription, SubscriptionEntry
from webapp.reports.queries import (
    due_letters,
    entries_of,
    figure_rows,
    subscription_of,
    without_figures,
)
from webapp.reports.rules import NoReportYet, Wishes, figures_of, written
from webapp.summaries.models import Summary
from webapp.summaries.queries import summaries_of, week_states
from webapp.summaries.rules import inputs_digest


def subscribe(
    session: Session, *, stage_id: int, staff_id: int, now: datetime, wishes: Wishes | None = None
) -> None:
    """From now on, this person gets the letter of each week that ends, as wished for.

    Who has a subscription already changes it; without wishes, it stays as it is.
    """
    found = subscription_of(session, stage_id, staff_id)
    if found is not None and wishes is None:
        return
    wishes = wishes or Wishes(lang=session.get_one(Staff, staff_id).lang)
    try:
        subscription = found or _subscribed(session, stage_id, staff_id, now, wishes)
        _fulfil(session, subscription, wishes)
        _note(session, stage_id, staff_id, now, "changed" if found else "subscribed", wishes)
        session.commit()
    except IntegrityError:  # the same person, at the same time, in another window
        session.rollback()


def unsubscribe(
    session: Session, *, stage_id: int, staff_id: int, now: datetime, by: str | None = None
) -> None:
    """From now on, this person gets no letter, not even one that is already owed.

    `by` names who asked for it; the person, unless it is said.
    """
    found = subscription_of(session, stage_id, staff_id)
    if found is None:
        return
    session.execute(delete(SubscriptionEntry).where(SubscriptionEntry.subscription_id == found.id))
    session.delete(found)
    drop_about(
        session,
        LetterKind.WEEKLY_REPORT,
        select(Summary.id).where(Summary.stage_id == stage_id),
        recipient=f"staff:{staff_id}",
    )
    drop_about(session, LetterKind.REPORT_TEST, [stage_id], recipient=f"staff:{staff_id}")
    _note(session, stage_id, staff_id, now, "unsubscribed", None, by=by)
    session.commit()


def ask_for_test_letter(session: Session, *, stage_id: int, staff_id: int, now: datetime) -> None:
    """Owe this person the newest report once more, marked as a test, whatever the day.

    Asking again while one is under way changes nothing. Raises NoReportYet.
    """
    if not summaries_of(session, stage_id, limit=1):
        raise NoReportYet
    owe_again(
        session,
        kind=LetterKind.REPORT_TEST,
        subject_id=stage_id,
        recipient=f"staff:{staff_id}",
        staff_id=staff_id,
        now=now,
    )
    session.commit()


def keep_figures(session: Session, now: datetime) -> int:
    """Store the figures of each summary that has none; commits after each.

    They are of the very comments the summary was compiled from: when one has changed since, the
    summary is about to be compiled anew, and the figures are stored with that revision.
    """
    kept = 0
    for summary_id in [summary.id for summary in without_figures(session)]:
        kept += _keep_figures(session, summary_id)
    session.rollback()
    return kept


def owe_letters(session: Session, now: datetime, *, week: Week | None = None) -> int:
    """Owe every letter whose day has come; a second scheduler at the same time owes none twice.

    Returns how many are new. Naming a week owes its letters alone, whatever day people chose.
    """
    due = due_letters(session, now, week=week)
    owed = owe_each(
        session,
        kind=LetterKind.WEEKLY_REPORT,
        letters=[(letter.summary_id, letter.staff_id) for letter in due],
        now=now,
    )
    session.commit()
    return owed


def _subscribed(
    session: Session, stage_id: int, staff_id: int, now: datetime, wishes: Wishes
) -> Subscription:
    subscription = Subscription(
        stage_id=stage_id,
        staff_id=staff_id,
        since=now,
        first_week=str(Week.of(now)),
        lang=wishes.lang,
    )
    session.add(subscription)
    session.flush()
    return subscription


def _fulfil(session: Session, subscription: Subscription, wishes: Wishes) -> None:
    subscription.lang, subscription.weekday = wishes.lang, wishes.weekday
    subscription.attachments = ",".join(sorted(wishes.attachments))
    if entries_of(session, subscription.id) != wishes.entries:
        session.execute(
            delete(SubscriptionEntry).where(SubscriptionEntry.subscription_id == subscription.id)
        )
        rows = [{"subscription_id": subscription.id, "entry_id": id} for id in wishes.entries]
        if rows:
            session.execute(insert(SubscriptionEntry), rows)


def _keep_figures(session: Session, summary_id: int) -> int:
    summary = session.get_one(Summary, summary_id)
    week = Week.parse(summary.period)
    if summary.inputs != inputs_digest(week_states(session, summary.stage_id, week)):
        session.rollback()
        return 0
    figures = figures_of(week, figure_rows(session, summary.stage_id, week))
    try:
        session.add(ReportFigures(summary_id=summary_id, document=written(figures)))
        turn_edition(session)
        session.commit()
    except IntegrityError:  # another worker was first
        session.rollback()
        return 0
    return 1


def _note(
    session: Session,
    stage_id: int,
    staff_id: int,
    now: datetime,
    what: str,
    wishes: Wishes | None,
    *,
    by: str | None = None,
) -> None:
    record(
        session,
        actor=by or f"staff:{staff_id}",
        action=f"summary.{what}",
        subject=f"stage:{stage_id}",
        now=now,
        before={"subscribed": what != "subscribed", "staff": staff_id},
        after={"subscribed": wishes is not None, **_said(wishes)},
    )


def _said(wishes: Wishes | None) -> dict[str, object]:
    if wishes is None:
        return {}
    return {
        "lang": wishes.lang,
        "weekday": wishes.weekday,
        "attachments": sorted(wishes.attachments),
        "entries": sorted(wishes.entries),
    }

"""A campaign as its moderators see it: how many, in which wordings, and where they differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from webapp.comments.models import Comment
from webapp.measures.models import Entry, Measure
from webapp.moderation.differences import Change, changes
from webapp.moderation.models import Campaign, Flag, MeasureWording, Screening
from webapp.moderation.queries import is_waiting
from webapp.moderation.rules import NEAR_COPY, SAME_TEXT

WORDINGS = 50
"""Wordings that are shown, and decided on, at once."""

LONGEST_COMPARED = 6_000
"""Characters up to which two wordings are compared word by word."""


@dataclass(frozen=True)
class CampaignLine:
    """A campaign in numbers: comments waiting in it, comments received, wordings received."""

    id: int
    waiting: int
    received: int
    wordings: int
    oldest_id: int


@dataclass(frozen=True)
class ShownWording:
    """One wording of a campaign: how it differs from the first one shown, and what was noticed.

    `comment_id` is a waiting comment with these words, `waiting` counts all of them.
    """

    id: int
    comment_id: int
    language: str
    text: str
    waiting: int
    changes: tuple[Change, ...]
    rules: tuple[str, ...]
    since: datetime


@dataclass(frozen=True)
class ShownCampaign:
    """What one decision is about: the comments with these wordings, folded until `upto`."""

    line: CampaignLine
    measure: Entry
    wordings: tuple[ShownWording, ...]
    upto: int
    shown: int


def campaign_lines(session: Session, ids: Sequence[int]) -> Mapping[int, CampaignLine]:
    """The campaigns in which something waits, by id."""
    if not ids:
        return {}
    received = {
        row.campaign_id: (row.comments, row.wordings)
        for row in session.execute(
            select(
                MeasureWording.campaign_id,
                func.sum(MeasureWording.comments).label("comments"),
                func.count().label("wordings"),
            )
            .where(MeasureWording.campaign_id.in_(ids), MeasureWording.comments > 0)
            .group_by(MeasureWording.campaign_id)
        )
    }
    here = (Comment.campaign_id == Campaign.id, is_waiting())
    oldest = (
        select(Comment.id)
        .where(*here)
        .order_by(Comment.received_at, Comment.id)
        .limit(1)
        .scalar_subquery()
    )
    waiting = select(func.count()).select_from(Comment).where(*here).scalar_subquery()
    rows = session.execute(
        select(Campaign.id, oldest.label("oldest"), waiting.label("waiting")).where(
            Campaign.id.in_(ids)
        )
    )
    return {
        row.id: CampaignLine(row.id, row.waiting, *received.get(row.id, (1, 1)), row.oldest)
        for row in rows
        if row.oldest is not None
    }


def large_campaigns(
    session: Session, measure_ids: Collection[int], *, least: int
) -> Sequence[tuple[int, str]]:
    """Campaigns of so many comments received in which something waits, the largest first.

    Each by its id and the code of its measure.
    """
    received = func.sum(MeasureWording.comments)
    waits = select(Comment.id).where(Comment.campaign_id == Campaign.id, is_waiting()).exists()
    rows = session.execute(
        select(Campaign.id, Entry.code)
        .join(Entry, Entry.id == Campaign.measure_id)
        .join(MeasureWording, MeasureWording.campaign_id == Campaign.id)
        .where(Campaign.is_open, Campaign.measure_id.in_(measure_ids), waits)
        .group_by(Campaign.id, Entry.code)
        .having(received >= least)
        .order_by(received.desc(), Campaign.id)
    )
    return [(row[0], row[1]) for row in rows]


def campaign_for_desk(session: Session, campaign_id: int) -> ShownCampaign | None:
    """The wordings that most comments wait with, and which comments one decision would be about.

    None when nothing waits there.
    """
    line = campaign_lines(session, [campaign_id]).get(campaign_id)
    if line is None:
        return None
    campaign = session.get_one(Campaign, campaign_id)
    measure = session.scalars(
        select(Measure).where(Measure.id == campaign.measure_id).options(joinedload(Measure.stage))
    ).one()
    rows = session.execute(
        select(
            Screening.wording_id,
            func.min(Comment.id).label("comment_id"),
            func.count().label("waiting"),
            func.max(Comment.fold_number).label("upto"),
            func.min(Comment.received_at).label("since"),
        )
        .join(Screening, Screening.comment_id == Comment.id)
        .where(Comment.campaign_id == campaign_id, is_waiting())
        .group_by(Screening.wording_id)
        .order_by(func.count().desc(), func.min(Comment.id))
        .limit(WORDINGS)
    ).all()
    comments = {
        comment.id: comment
        for comment in session.scalars(
            select(Comment).where(Comment.id.in_([row.comment_id for row in rows]))
        )
    }
    rules = _rules(session, campaign_id, [row.wording_id for row in rows])
    main = comments[rows[0].comment_id].text
    wordings = tuple(
        ShownWording(
            id=row.wording_id,
            comment_id=row.comment_id,
            language=comments[row.comment_id].language,
            text=comments[row.comment_id].text,
            waiting=row.waiting,
            changes=_differences(main, comments[row.comment_id].text),
            rules=rules[row.wording_id],
            since=row.since,
        )
        for row in rows
    )
    return ShownCampaign(
        line=line,
        measure=measure,
        wordings=wordings,
        upto=max(row.upto or 0 for row in rows),
        shown=sum(row.waiting for row in rows),
    )


def _differences(main: str, text: str) -> tuple[Change, ...]:
    if max(len(main), len(text)) > LONGEST_COMPARED:
        return (Change("same", text),)
    return changes(main, text)


def _rules(
    session: Session, campaign_id: int, wording_ids: Sequence[int]
) -> defaultdict[int, tuple[str, ...]]:
    """What was noticed in any waiting comment with each wording, except that it is a copy."""
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    rows = session.execute(
        select(Screening.wording_id, Flag.rule)
        .join(Screening, Screening.comment_id == Flag.comment_id)
        .join(Comment, Comment.id == Flag.comment_id)
        .where(
            Comment.campaign_id == campaign_id,
            is_waiting(),
            Screening.wording_id.in_(wording_ids),
            Flag.rule.not_in([SAME_TEXT, NEAR_COPY]),
        )
        .distinct()
        .order_by(Screening.wording_id, Flag.rule)
    )
    for wording_id, rule in rows:
        if wording_id is not None:
            found[wording_id] += (rule,)
    return found

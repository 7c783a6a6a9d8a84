"""The placed wordings as the rule of `leading` asks about them, read from the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import Session, aliased

from webapp.comments.models import Comment
from webapp.moderation.models import Wording, WordingBand

AT_ONCE = 200
"""Texts that are fetched together for comparing."""


class Comparison(Protocol):
    """Says which texts are alike; it remembers those it was shown, so each is fetched once."""

    def knows(self, fingerprint: str) -> bool: ...
    def learn(self, fingerprint: str, text: str) -> None: ...
    def are_alike(self, one: str, other: str) -> bool: ...


class Shelves:
    """Those wordings that share a shelf can be alike; all others are never compared."""

    def __init__(self, session: Session, comparison: Comparison) -> None:
        self._session = session
        self._comparison = comparison

    def leader_of(self, wording: str) -> str | None:
        leader = aliased(Wording)
        return self._session.scalar(
            select(leader.fingerprint)
            .join(Wording, Wording.leader_id == leader.id)
            .where(Wording.fingerprint == wording)
        )

    def set_leader(self, wording: str, leader: str) -> None:
        leads = aliased(Wording)
        leader_id = select(leads.id).where(leads.fingerprint == leader).scalar_subquery()
        self._session.execute(
            update(Wording)
            .where(Wording.fingerprint == wording)
            .values(leader_id=leader_id)
            .execution_options(synchronize_session=False)
        )

    def followers_of(self, leader: str) -> Sequence[str]:
        leads = aliased(Wording)
        return self._session.scalars(
            select(Wording.fingerprint)
            .join(leads, leads.id == Wording.leader_id)
            .where(leads.fingerprint == leader, Wording.id != leads.id)
        ).all()

    def first_leader_like(self, wording: str) -> str | None:
        leaders = self._on_its_shelves(
            wording, Wording.leader_id == Wording.id, Wording.fingerprint < wording
        )
        return next(self._like(wording, leaders), None)

    def later_ones_like(self, wording: str) -> Iterator[str]:
        leads = aliased(Wording)
        behind = self._on_its_shelves(wording, Wording.fingerprint > wording).join(
            leads, leads.id == Wording.leader_id
        )
        return self._like(wording, behind.where(leads.fingerprint > wording))

    def _on_its_shelves(self, wording: str, *only: ColumnElement[bool]) -> Select[int, str]:
        mine, theirs, itself = aliased(WordingBand), aliased(WordingBand), aliased(Wording)
        sharing = (
            select(theirs.wording_id)
            .join(mine, mine.band == theirs.band)
            .join(itself, itself.id == mine.wording_id)
            .where(itself.fingerprint == wording)
        )
        return select(Wording.first_comment_id, Wording.fingerprint).where(
            Wording.id.in_(sharing), *only
        )

    def _like(self, wording: str, others: Select[int, str]) -> Iterator[str]:
        """Those of the others that are like it, in the order of their fingerprints."""
        found = self._session.execute(others.order_by(Wording.fingerprint)).all()
        if found:
            self._learn([wording])
        for start in range(0, len(found), AT_ONCE):
            some = [fingerprint for _, fingerprint in found[start : start + AT_ONCE]]
            self._learn(some)
            yield from (one for one in some if self._comparison.are_alike(wording, one))

    def _learn(self, wordings: Sequence[str]) -> None:
        unknown = [one for one in wordings if not self._comparison.knows(one)]
        if not unknown:
            return
        rows = self._session.execute(
            select(Wording.fingerprint, Comment.text)
            .join(Comment, Comment.id == Wording.first_comment_id)
            .where(Wording.fingerprint.in_(unknown))
        )
        for fingerprint, text in rows:
            self._comparison.learn(fingerprint, text)

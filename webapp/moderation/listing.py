"""The list of published comments as anyone reads it: covered parts and corrections in place."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.comments.queries import PublicComment, PublicPage, once_published
from webapp.moderation.published import Correction, corrections_of, covered_in
from webapp.moderation.redactions import Part, parts
from webapp.moderation.rules import Reason


@dataclass(frozen=True)
class Listed:
    """A comment with its text in parts; or, with no comment, the place where one stood."""

    id: int
    comment: PublicComment | None
    parts: tuple[Part, ...] = ()
    correction: Correction | None = None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why parts are covered, each reason once."""
        return tuple(dict.fromkeys(part.reason for part in self.parts if part.reason))


def listed(
    session: Session, measure_id: int, page: PublicPage, before: int | None
) -> tuple[Listed, ...]:
    """The comments of a page, and the places of those withheld since, newest first."""
    gone = once_published(session, measure_id, before=before, after=(page.older or 1) - 1)
    ids = [comment.id for comment in page.items]
    covered = covered_in(session, ids)
    corrections = corrections_of(session, [*ids, *gone])
    found = [
        Listed(
            comment.id,
            comment,
            parts(comment.text, covered.get(comment.id, ())),
            corrections.get(comment.id),
        )
        for comment in page.items
    ]
    places = [Listed(id, None, (), corrections[id]) for id in gone if id in corrections]
    return tuple(sorted([*found, *places], key=lambda item: -item.id))

"""A person lets a machine's words stand, and an edit says whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import Staff
from webapp.summaries.edits import Edit, PointEdit
from webapp.summaries.models import PointDraft, Summary, SummaryEdit
from webapp.summaries.origins import Drafted, origin_of
from webapp.summaries.scopes import Scope


def edit_with_origins(
    session: Session,
    scope: Scope,
    measure_id: int,
    edit: Edit,
    before: SummaryEdit | None,
    editor_id: int,
) -> Edit:
    """The edit, with the words marked that a machine drafted.

    Words that stood before stay whose they were. Others are compared with what was proposed for
    their point: however they came into the form, they are no person's own.
    """
    editor = session.get_one(Staff, editor_id)
    known = {p.key: p for p in Edit.read(before.document).points} if before else {}
    proposed = _proposed_for(session, scope, measure_id)
    return replace(
        edit,
        points=tuple(
            _with_origins(point, known.get(point.key), proposed.get(point.key, ()), editor.role)
            for point in edit.points
        ),
    )


def _proposed_for(
    session: Session, scope: Scope, measure_id: int
) -> dict[str, list[tuple[str, str, str]]]:
    """What a machine proposed for each point: its model, the heading and the sentence."""
    rows = session.execute(
        select(PointDraft.point_key, PointDraft.model, PointDraft.heading, PointDraft.sentence)
        .join(Summary, Summary.id == PointDraft.summary_id)
        .where(*scope.names(), PointDraft.measure_id == measure_id, PointDraft.heading != "")
        .order_by(PointDraft.id)
    )
    found: dict[str, list[tuple[str, str, str]]] = {}
    for key, *words in rows:
        found.setdefault(key, []).append((words[0], words[1], words[2]))
    return found


def _with_origins(
    point: PointEdit,
    before: PointEdit | None,
    proposed: Sequence[tuple[str, str, str]],
    role: str,
) -> PointEdit:
    """The point, with those of its words marked that a machine drafted.

    `proposed` are a model, a heading and a sentence each; `role` is that of who lets them stand.
    """
    headings = [(model, heading) for model, heading, _sentence in proposed]
    sentences = [(model, sentence) for model, _heading, sentence in proposed]
    was = before or PointEdit("", "")
    return replace(
        point,
        heading_by=_whose(point.heading, was.heading, was.heading_by, headings, role),
        sentence_by=_whose(point.sentence, was.sentence, was.sentence_by, sentences, role),
    )


def _whose(
    words: str, before: str, by: Drafted | None, proposed: Sequence[tuple[str, str]], role: str
) -> Drafted | None:
    """Words that stay are whose they were; a machine's that are touched up stay a machine's."""
    if words == before:
        return by
    return origin_of(words, [*proposed, *([(by.model, before)] if by else [])], role)

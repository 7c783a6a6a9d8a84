"""Who is left to agree with a grave verdict, and whether someone has already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from webapp.moderation.appeals import active_deciders, open_appeal
from webapp.moderation.proposals import open_proposal, proposals_on
from webapp.moderation.rules import DeskRules, Verdict

SOME = 500


def needs_second_person(
    session: Session, comment_id: int, verdict: Verdict, moderator_id: int
) -> bool:
    """Whether this verdict is only a proposal until another person says the same.

    Each grave part of it has to have been said by someone else: in the proposal that is open, or
    in the withholding whose author appealed. Where nobody else may decide, one person is enough.
    """
    missing = verdict.grave - said_by_another(session, comment_id, moderator_id)
    return bool(missing) and has_second_person(session, moderator_id)


def said_by_another(session: Session, comment_id: int, moderator_id: int) -> frozenset[str]:
    """What another person has gravely said of the comment as it waits now."""
    appeal = open_appeal(session, comment_id)
    said = (open_proposal(session, comment_id), appeal.decision if appeal else None)
    return frozenset().union(
        *(
            Verdict(act.publication, act.treatment, act.reason).grave
            for act in said
            if act is not None and act.moderator_id != moderator_id
        )
    )


def waits_for_another(
    session: Session,
    ids: Sequence[int],
    verdict: Verdict,
    moderator_id: int,
    desk: DeskRules,
) -> Mapping[int, bool]:
    """Those of many on which another person has not said the same; False where this one has."""
    if not (desk.second_person and verdict.grave and has_second_person(session, moderator_id)):
        return {}
    waits: dict[int, bool] = {}
    for start in range(0, len(ids), SOME):
        some = ids[start : start + SOME]
        said = proposals_on(session, some)
        for comment_id in some:
            proposal = said.get(comment_id)
            if proposal is None:
                waits[comment_id] = True
                continue
            was = Verdict(proposal.publication, proposal.treatment, proposal.reason, proposal.note)
            if proposal.moderator_id == moderator_id:
                waits[comment_id] = was != verdict
            elif verdict.grave - was.grave:
                waits[comment_id] = True
    return waits


def has_second_person(session: Session, moderator_id: int) -> bool:
    """Whether anyone else may decide now."""
    return bool(active_deciders(session) - {moderator_id})

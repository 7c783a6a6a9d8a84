"""What an administrator settles about the desk: whether grave verdicts take a second person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from webapp.audit.services import record
from webapp.moderation.models import SecondPersonSetting


def second_person_setting(session: Session) -> SecondPersonSetting | None:
    """The setting that holds, with who made it; None while nobody has touched it, which is on."""
    return session.scalar(
        select(SecondPersonSetting)
        .order_by(SecondPersonSetting.id.desc())
        .limit(1)
        .options(joinedload(SecondPersonSetting.by))
    )


def takes_second_person(session: Session) -> bool:
    """Whether grave verdicts take a second person where there is one."""
    latest = select(SecondPersonSetting.is_on).order_by(SecondPersonSetting.id.desc()).limit(1)
    return session.scalar(latest) is not False


def set_second_person(session: Session, is_on: bool, *, staff_id: int, now: datetime) -> None:
    """Say whether they do from now on. Saying what holds already changes nothing.

    What is proposed meanwhile stays proposed: without the setting, one word more settles it.
    """
    was = takes_second_person(session)
    if was == is_on:
        return session.rollback()
    session.add(SecondPersonSetting(is_on=is_on, staff_id=staff_id, set_at=now))
    record(
        session,
        actor=f"staff:{staff_id}",
        action="desk.second-person-set",
        subject="desk:second-person",
        now=now,
        before={"is_on": was},
        after={"is_on": is_on},
    )
    return session.commit()

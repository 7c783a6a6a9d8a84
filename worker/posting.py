"""Sending what is owed: claim, write, hand over, mark. Killing it anywhere doubles nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import closing
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy.orm import Session

from webapp.citytime import utc_now
from webapp.comments.letters import received_letter, withdrawn_letter
from webapp.letters import services
from webapp.letters.models import Delivery
from webapp.letters.queries import owed_deliveries
from webapp.letters.rules import AddressUnconfirmed, Letter, LetterKind, Overtaken
from webapp.mail import Doubt, Mailer, PermanentTrouble, TemporaryTrouble, Unreachable
from webapp.moderation.letters import decision_letter
from webapp.moderation.nudging import nudge_letter
from webapp.reports.letters import weekly_letter
from webapp.reports.press import Press
from webapp.responses.letters import answered_letter
from webapp.sealing import Sealer
from webapp.writing import write
from worker.pictures import paint

log = logging.getLogger(__name__)
PRESS = Press(paint)

Writer = Callable[[Session, Delivery, Sealer], Letter | None]
WRITERS: Mapping[LetterKind, Writer] = {
    LetterKind.DECISION: lambda session, owed, sealer: decision_letter(
        session, owed.subject_id, sealer
    ),
    LetterKind.RECEIVED: received_letter,
    LetterKind.WITHDRAWN: withdrawn_letter,
    LetterKind.NUDGE: lambda session, owed, _sealer: nudge_letter(session, owed),
    LetterKind.WEEKLY_REPORT: lambda session, owed, _sealer: _report(session, owed),
    LetterKind.REPORT_TEST: lambda session, owed, _sealer: _report(session, owed),
    LetterKind.ANSWERED: answered_letter,
}


def _report(session: Session, owed: Delivery) -> Letter | None:
    return weekly_letter(session, owed, PRESS, utc_now())


def send_all(session: Session, mailer: Mailer, sealer: Sealer) -> int:
    """Send every letter that is due; commits after each step of each letter.

    A server that lets nobody in ends the round: the other letters keep their attempts for the next.
    """
    services.settle_lapsed(session, mailer.has_arrived, now=utc_now())
    sent = 0
    with closing(mailer):
        try:
            while ids := owed_deliveries(session, utc_now()):
                session.rollback()
                for delivery_id in ids:
                    sent += _send_one(session, delivery_id, mailer, sealer)
        except Unreachable as trouble:
            log.warning("the mail server lets nobody in: %s", trouble)
        session.rollback()
    return sent


def _send_one(session: Session, delivery_id: int, mailer: Mailer, sealer: Sealer) -> bool:
    domain = urlsplit(current_app.config["PUBLIC_URL"]).hostname or "localhost"
    delivery = services.claim(session, delivery_id, domain=domain, now=utc_now())
    if delivery is None:
        return False
    try:
        letter = WRITERS[delivery.kind](session, delivery, sealer)
        if letter is None:
            services.give_up(session, delivery, "nobody to write to any more")
            return False
        message_id = delivery.message_id or ""
        message = write(letter, message_id)
        session.rollback()  # else SQLite would stay locked while a mail server takes its time
        mailer.send(message, lambda: services.hand_over(session, delivery_id, message_id))
    except Overtaken:
        log.warning("letter %s took too long and is another worker's now", delivery_id)
    except AddressUnconfirmed:
        services.hold(session, delivery)
    except Doubt as trouble:
        services.doubt(session, delivery, str(trouble))
    except PermanentTrouble as trouble:
        services.give_up(session, delivery, str(trouble))
    except TemporaryTrouble as trouble:
        services.put_off(session, delivery, str(trouble), now=utc_now())
        if isinstance(trouble, Unreachable):
            raise
    except Exception as trouble:  # a letter that cannot be written must not stop the others
        session.rollback()
        log.exception("letter %s failed", delivery_id)
        services.put_off(session, delivery, repr(trouble), now=utc_now())
    else:
        services.mark_sent(session, delivery_id, now=utc_now())
        return True
    return False

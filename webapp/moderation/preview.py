"""What a decision would lead to, shown before it is taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.queries import contact_of
from webapp.moderation.letters import previewed_letter
from webapp.moderation.redactions import Part, parts, published_text
from webapp.moderation.rules import Verdict
from webapp.writing import words_of


@dataclass(frozen=True)
class Preview:
    """The text as anyone would read it, in parts, and the letter in its reader's language.

    No parts: nobody could read it. No `letter`: there is no address; `confirmed` says whether it
    could go at once.
    """

    parts: tuple[Part, ...]
    subject: str = ""
    letter: str = ""
    lang: str = ""
    confirmed: bool = False


def preview(session: Session, comment: Comment, verdict: Verdict, now: datetime) -> Preview:
    """The page's and the letter's words as this verdict would have them. Raises NothingLeft."""
    published = published_text(comment.text, verdict)
    shown = parts(published, verdict.covered) if published is not None else ()
    letter = previewed_letter(session, comment, verdict, now)
    if letter is None:
        return Preview(shown)
    subject, text, _ = words_of(letter)
    contact = contact_of(session, comment.id)
    confirmed = contact is not None and contact.confirmed_at is not None
    return Preview(shown, subject, text, letter.lang, confirmed)

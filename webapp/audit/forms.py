"""The filter of the trail, and the words for who does what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from webapp.audit.queries import Wanted
from webapp.citytime import midnight
from webapp.edge import clean_line
from webapp.form import HouseForm

ACTIONS = {
    "account.opened": _l("Opened a staff account"),
    "account.signed-in": _l("Signed in"),
    "account.signed-out": _l("Signed out"),
    "comment.submitted": _l("Sent a comment"),
    "comment.screened": _l("Checked a comment"),
    "comment.screening-failed": _l("Failed to check a comment"),
    "comment.decided": _l("Decided on a comment"),
    "comment.proposed": _l("Proposed a decision that takes two"),
    "comment.undone": _l("Undid a decision"),
    "comment.taken-over": _l("Took a comment over from a colleague"),
    "desk.second-person-set": _l("Set whether decisions take a second person"),
    "comment.revised": _l("Wrote a comment anew"),
    "comment.withdrawn": _l("Withdrew a comment"),
    "comment.appealed": _l("Asked for a second look"),
    "comment.exported": _l("Was handed what is kept about a comment"),
    "comment.person-erased": _l("Had name and address erased"),
    "comments.imported": _l("Imported comments"),
    "contact.confirmed": _l("Confirmed an e-mail address"),
    "contact.stopped": _l("Stopped letters to an e-mail address"),
    "contact.asked-again": _l("Asked for the first letter once more"),
    "identity.read": _l("Looked at a name and address"),
    "identities.purged": _l("Deleted names and addresses that were due"),
    "identities.resealed": _l("Sealed names and addresses with a new key"),
    "letter.settled": _l("Said what became of a letter"),
    "period.announced": _l("Announced a comment period"),
    "period.identity-asked": _l("Let a period ask for name and address"),
    "programme.loaded": _l("Loaded a programme"),
    "period.answered": _l("Noted that a comment period is answered"),
    "response.drafted": _l("Drafted an answer"),
    "response.reworded": _l("Reworded an answer"),
    "response.published": _l("Published an answer"),
    "translation.published": _l("Published a translation"),
    "comment.translated": _l("Translated a comment"),
    "translation.tried-again": _l("Let the machine try translations again"),
    "glossary.term-added": _l("Added a term to the glossary"),
    "glossary.term-removed": _l("Removed a term from the glossary"),
    "reading.corrected": _l("Corrected a reading"),
    "reading.correction-taken-back": _l("Took a corrected reading back"),
    "draft.asked": _l("Asked a machine to draft points"),
    "draft.made": _l("Drafted a point of a summary"),
    "draft.dropped": _l("Dropped a draft that did not pass"),
    "summary.edited": _l("Edited a summary"),
    "summary.signed-off": _l("Signed a closing summary off"),
    "summary.compiled": _l("Compiled a weekly report"),
    "summary.subscribed": _l("Subscribed to weekly reports"),
    "summary.unsubscribed": _l("Ended a subscription"),
    "word.listed": _l("Put a word on the word list"),
    "word.changed": _l("Changed a word of the word list"),
    "words.swept": _l("Looked through waiting comments for the word list"),
    "comment.words-found": _l("Found watched words in a comment"),
}
"""Every action that a use case records; a test of the house asks that none is missing."""

ACTORS = {
    "author": _l("An author"),
    "machine": _l("The automatic check"),
    "translating-machine": _l("Machine translation"),
    "drafting-machine": _l("The drafting machine"),
    "compiler": _l("The compiler of reports"),
    "worker": _l("The worker"),
    "cli": _l("The command line"),
    "demonstration": _l("The demonstration"),
}
SUBJECTS = {
    "comment": _l("Comment No. %(number)s"),
    "desk": _l("The moderation desk"),
    "staff": _l("Staff account No. %(number)s"),
    "delivery": _l("Letter No. %(number)s"),
    "period": _l("Comment period No. %(number)s"),
    "stage": _l("Stage No. %(number)s"),
    "measure": _l("Measure No. %(number)s"),
    "summary": _l("Report No. %(number)s"),
    "response": _l("Answer No. %(number)s"),
    "text": _l("Text No. %(number)s"),
    "term": _l("Term No. %(number)s"),
    "provider": _l("Provider: %(number)s"),
    "word": _l("Listed word No. %(number)s"),
    "word-list": _l("Word list, version %(number)s"),
}


def action_name(action: str) -> str:
    """An action in words; one that has none yet is called by its own name."""
    return str(ACTIONS.get(action, action))


def actor_name(actor: str, staff: Mapping[str, str]) -> str:
    """Who did it: a person of the staff by name, all others by what they are."""
    return staff.get(actor) or str(ACTORS.get(actor, actor))


def subject_name(subject: str) -> str:
    kind, _colon, number = subject.partition(":")
    named = SUBJECTS.get(kind)
    return str(named) % {"number": number} if named is not None and number else subject


class TrailForm(HouseForm):
    """What an administrator wants to see of the trail. Values it does not know find nothing."""

    actor = SelectField(_l("Who"), validate_choice=False)
    action = SelectField(_l("What they did"), validate_choice=False)
    subject_kind = SelectField(_l("To what"), validate_choice=False)
    number = StringField(_l("Its number"), filters=[lambda value: clean_line(value or "")[:40]])
    first = DateField(_l("From this day"))
    last = DateField(_l("To this day"))

    def __init__(self, typed: MultiDict[str, str], staff: Sequence[tuple[str, str]]) -> None:
        super().__init__(typed)
        everyone = [*staff, *((code, str(name)) for code, name in ACTORS.items())]
        actions = sorted((str(name), code) for code, name in ACTIONS.items())
        kinds = [(kind, str(name) % {"number": "…"}) for kind, name in SUBJECTS.items()]
        self.actor.choices = _or_all(everyone)
        self.action.choices = _or_all([(code, name) for name, code in actions])
        self.subject_kind.choices = _or_all(kinds)

    def wanted(self) -> Wanted:
        """What is asked for; a day that is none asks for all days."""
        self.validate()
        first, last = self.first.data, self.last.data
        kind, number = (self.subject_kind.data or "")[:20], self.number.data or ""
        return Wanted(
            actor=(self.actor.data or "")[:40],
            action=(self.action.data or "")[:60],
            subject=f"{kind}:{number}" if kind and number else "",
            from_at=midnight(first) if _is_sensible(first) else None,
            to_at=midnight(last + timedelta(days=1)) if _is_sensible(last) else None,
        )

    def as_query(self) -> dict[str, str]:
        """The same as parameters of an address, without those that ask for everything."""
        limits = {"first": self.first.data, "last": self.last.data}
        days = {name: day.isoformat() for name, day in limits.items() if day}
        words = {n: self[n].data for n in ("actor", "action", "subject_kind", "number")}
        return {**{n: w for n, w in words.items() if w}, **days}


def _is_sensible(day: date | None) -> bool:
    return day is not None and 2000 <= day.year <= 2200


def _or_all(choices: Sequence[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(*choice) for choice in (("", _("All")), *choices)]

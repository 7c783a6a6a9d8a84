"""What an author may do with a comment, and why something may not happen any more."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.comments.rules import Residency, Stance
from webapp.refusal import N_, Refusal

LONGEST_WISH = 1_000
"""User-perceived characters in the words that ask for a second look."""


class DecidedMeanwhile(Refusal):
    status = 409
    title = N_("The city has decided meanwhile")
    explanation = N_(
        "Your comment was decided before your new version arrived, so it was not changed. "
        "Your text is kept below."
    )


class ChangedMeanwhile(Refusal):
    status = 409
    title = N_("Your comment is not what it was")
    explanation = N_(
        "You have changed or withdrawn it meanwhile, perhaps in another window. "
        "Your text is kept below."
    )


class NoSecondLook(Refusal):
    status = 409
    title = N_("A second look is not possible")
    explanation = N_(
        "It can be asked for once, after a comment was not published. Your text is kept below."
    )


@dataclass(frozen=True)
class Revision:
    """What a comment shall say from now on, checked by the form."""

    text: str
    language: str
    action_code: str | None = None
    stance: Stance | None = None
    residency: Residency | None = None

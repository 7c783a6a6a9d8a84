"""What the house refuses, stated as a fact that can be said in every language."""

from __future__ import annotations

from typing import ClassVar


def N_(msgid: str) -> str:
    """Mark a sentence for the catalogues; it is translated where it is shown."""
    return msgid


class Refusal(Exception):
    """A use case did not happen, and why.

    `explanation` is a catalogue message; `facts` fill its placeholders; `status` is the HTTP
    status of the page it becomes.
    """

    status: ClassVar[int] = 400
    title: ClassVar[str] = N_("That did not work")
    explanation: ClassVar[str] = N_("Please check what you entered and try again.")

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.explanation % facts if facts else self.explanation)


class NotThere(Refusal):
    """What was asked for does not exist, or nobody may see it."""

    status = 404
    title = N_("Page not found")
    explanation = N_("The address may be mistyped, or the page may have moved.")

"""Roles, and what a password must be."""

from __future__ import annotations

from enum import StrEnum

from webapp.edge import clean_line
from webapp.refusal import N_, Refusal


class Role(StrEnum):
    MODERATOR = "moderator"
    TRANSLATOR = "translator"
    CLERK = "clerk"
    OFFICIAL = "official"
    ADMINISTRATOR = "administrator"


SHORTEST_PASSWORD = 12


def as_kept(email: str) -> str:
    """The e-mail address of an account as it is kept, from how people type it."""
    return clean_line(email).casefold()


class WrongCredentials(Refusal):
    status = 403
    explanation = N_("The e-mail address or the password is not right.")


class AddressTaken(Refusal):
    status = 409
    explanation = N_("There is already an account with the address %(address)s.")


class PasswordTooShort(Refusal):
    explanation = N_("A password needs at least %(least)s characters.")

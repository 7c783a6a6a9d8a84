"""Which step a form asks for: the views and the limits ask this one question."""

from __future__ import annotations

from flask import request

SEND = "send"


def asked_step() -> str:
    """The step of this form: "confirm" when it names none.

    The language switch comes before the button, since it takes along a form whose button was not
    pressed. For the same reason it never sends.
    """
    switched = request.form.get("switch")
    if switched == SEND:
        return "confirm"
    return switched or request.form.get("step", "confirm")


def is_sending() -> bool:
    return asked_step() == SEND

"""Passwords are slow to guess, and an office behind one address goes on working."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from tests import build
from webapp.accounts.rules import Role

SignIn = Callable[..., int]

pytestmark = pytest.mark.usefixtures("fresh_limits")


@pytest.fixture
def config(config: Config) -> Config:
    few = "3 per 10 minutes"
    return replace(
        config,
        RATELIMIT_ENABLED=True,
        WRONG_PASSWORDS_PER_ADDRESS_AND_ACCOUNT=few,
        WRONG_PASSWORDS_PER_ADDRESS="12 per 10 minutes",
    )


@pytest.fixture
def try_password(app: Flask) -> SignIn:
    """Try to sign in and return the status: try_password("a@city.example", "…", by="192.0.2.1")."""

    def try_password(email: str, password: str, by: str = "192.0.2.1") -> int:
        return (
            app.test_client()
            .post(
                "/en/sign-in",
                data={"email": email, "password": password},
                environ_base={"REMOTE_ADDR": by},
            )
            .status_code
        )

    return try_password


def test_right_passwords_never_count(session: Session, try_password: SignIn) -> None:
    one = build.staff(session, Role.MODERATOR).email

    assert [try_password(one, build.PASSWORD) for _ in range(6)] == [302] * 6


def test_wrong_ones_hold_up_nobody_else_in_the_office(
    session: Session, try_password: SignIn
) -> None:
    one, other = (build.staff(session, Role.CLERK).email for _ in range(2))
    tried = [try_password(one, "wrong") for _ in range(4)]

    assert tried == [200, 200, 200, 429]
    assert try_password(one, build.PASSWORD) == 429
    assert try_password(one, build.PASSWORD, by="192.0.2.2") == 302
    assert try_password(other, build.PASSWORD) == 302


def test_an_account_is_the_same_however_it_is_written_and_need_not_exist(
    session: Session, try_password: SignIn
) -> None:
    one = build.staff(session, Role.CLERK).email
    written = [try_password(text, "wrong") for text in (one, one.upper(), f"  {one} ", one)]
    nobody = [try_password("nobody@city.example", "wrong") for _ in range(4)]

    assert written == nobody == [200, 200, 200, 429]


def test_an_address_with_signs_that_nobody_types_is_counted_like_any_other(
    try_password: SignIn,
) -> None:
    assert [try_password("a\x00@city.example", "wrong") for _ in range(4)] == [200, 200, 200, 429]


def test_one_password_cannot_be_tried_on_every_account(try_password: SignIn) -> None:
    tried = [try_password(f"clerk{number}@city.example", "password1") for number in range(13)]

    assert tried == [200] * 12 + [429]
    assert try_password("clerk99@city.example", "password1", by="192.0.2.2") == 200

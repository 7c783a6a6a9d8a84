"""Mailer: hands a written letter over by SMTP, or keeps it here."""

from __future__ import annotations

import mailbox
import smtplib
import ssl
from collections.abc import Callable
from contextlib import closing
from email import message_from_bytes
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from flask import Flask

TIMEOUT = 30
"""Seconds a mail server may take to answer one command."""
CLOSING = 421
"""What a server says before it hangs up, to whatever it was asked (RFC 5321, 3.8)."""
MOST_LETTERS = 100
"""Letters of one connection: fewer than mail servers take, whose limits begin at some hundreds."""


class AddressLine(UnstructuredHeader, BaseHeader):
    """A header that holds a web address: never folded or encoded, or the link would break."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_headers = HeaderRegistry()
_headers.map_to_type("list-unsubscribe", AddressLine)
SMTP_POLICY: EmailPolicy[EmailMessage] = SMTP.clone(header_factory=_headers)


class TemporaryTrouble(Exception):
    """The letter did not go; it may go later."""


class Unreachable(TemporaryTrouble):
    """The server lets nobody in: no other letter would go now either."""


class Interrupted(TemporaryTrouble):
    """The server hung up before the letter's text left."""


class PermanentTrouble(Exception):
    """The letter will never go to this address."""


class Doubt(Exception):
    """The line broke while the text was leaving: the letter may have gone or not."""


class Mailer(Protocol):
    """A way out for letters."""

    def send(self, message: EmailMessage, handing_over: Callable[[], None]) -> None:
        """Hand the letter over; calls `handing_over` just before its text leaves.

        Raises TemporaryTrouble or PermanentTrouble when the letter was not accepted, Unreachable
        when none would be, and Doubt when nobody can say.
        """

    def has_arrived(self, message_id: str) -> bool | None:
        """Whether this letter was accepted earlier; None when that cannot be looked up."""

    def close(self) -> None:
        """The round is over: nothing stays open. Another letter would open it anew."""


class KeptLetters:
    """Keeps letters in a Maildir, where staff read them in the browser. For demonstrations."""

    def __init__(self, folder: Path) -> None:
        self._box = mailbox.Maildir(folder, create=True)

    def send(self, message: EmailMessage, handing_over: Callable[[], None]) -> None:
        handing_over()
        self._box.add(message)

    def has_arrived(self, message_id: str) -> bool | None:
        return any(message["Message-ID"] == message_id for _, message in self.letters())

    def close(self) -> None:
        pass  # each letter is a file of its own

    def letters(self) -> list[tuple[str, EmailMessage]]:
        """The kept letters with their keys, newest first."""
        found = [
            (key, message_from_bytes(self._box.get_bytes(key), policy=SMTP_POLICY))
            for key in self._box.keys()  # noqa: SIM118 -- a Maildir iterates over messages
        ]
        return sorted(found, key=lambda pair: pair[0], reverse=True)

    def letter(self, key: str) -> EmailMessage | None:
        return next((message for k, message in self.letters() if k == key), None)


class SmtpMailer:
    """Speaks SMTP to the city's mail server, on one connection for many letters.

    A server may hang up between two letters, or forbid more on one connection. So before a text
    leaves, trouble with a kept line says nothing: a new one is asked, and that answer counts. From
    the text on nothing is ever repeated.
    """

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._server: smtplib.SMTP | None = None
        self._carried = 0

    def send(self, message: EmailMessage, handing_over: Callable[[], None]) -> None:
        text = message.as_bytes(policy=SMTP_POLICY)
        server = self._addressed(message)
        handing_over()
        self._carried += 1
        try:
            code, answer = server.data(text)
        except smtplib.SMTPDataError as trouble:
            raise _sorted_out(trouble) from trouble
        except (OSError, smtplib.SMTPException) as trouble:
            raise Doubt(str(trouble)) from trouble
        if code >= 400:
            raise _sorted_out(smtplib.SMTPResponseException(code, answer))
        if code != 250:
            raise Doubt(f"{code} {answer!r}")

    def close(self) -> None:
        if self._server is not None:
            with closing(self._server):
                _say_goodbye(self._server)
        self._server, self._carried = None, 0

    def _addressed(self, message: EmailMessage) -> smtplib.SMTP:
        """A connection on which the server has taken sender and recipient of the letter."""
        if self._server is not None and self._carried < MOST_LETTERS and _listens(self._server):
            try:
                _address(self._server, message)
                return self._server
            except (Unreachable, Interrupted):
                pass  # of the old line that may be true
        self.close()
        try:
            self._server = self._greeted()
        except (OSError, smtplib.SMTPException) as trouble:
            raise Unreachable(str(trouble)) from trouble
        _address(self._server, message)
        return self._server

    def has_arrived(self, message_id: str) -> bool | None:
        return None

    def _greeted(self) -> smtplib.SMTP:
        """A connection on which the server lets the house speak; closed again when it does not."""
        host, port = self._url.hostname or "127.0.0.1", self._url.port or 25
        kind = smtplib.SMTP_SSL if self._url.scheme == "smtps" else smtplib.SMTP
        server = kind(host, port, timeout=TIMEOUT)
        try:
            self._greet(server)
        except BaseException:
            server.close()
            raise
        return server

    def _greet(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if self._url.scheme != "smtps" and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo_or_helo_if_needed()
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))


def _listens(server: smtplib.SMTP) -> bool:
    """Whether the line still stands; the server forgets what a letter before left half said."""
    try:
        return server.rset()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _address(server: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        _expect_welcome(*server.mail(message["From"].addresses[0].addr_spec))
    except (OSError, smtplib.SMTPException) as trouble:
        raise Unreachable(str(trouble)) from trouble
    try:
        _expect_welcome(*server.rcpt(message["To"].addresses[0].addr_spec))
    except smtplib.SMTPResponseException as trouble:
        if trouble.smtp_code == CLOSING:
            raise Interrupted(str(trouble)) from trouble
        raise _sorted_out(trouble) from trouble
    except (OSError, smtplib.SMTPException) as trouble:
        raise Interrupted(str(trouble)) from trouble


def _expect_welcome(code: int, answer: bytes) -> None:
    if code not in (250, 251):
        raise smtplib.SMTPResponseException(code, answer)


def _sorted_out(trouble: Exception) -> Exception:
    permanent = isinstance(trouble, smtplib.SMTPResponseException) and trouble.smtp_code >= 500
    return (PermanentTrouble if permanent else TemporaryTrouble)(str(trouble))


def _say_goodbye(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        pass  # every letter is settled already; a rude server changes nothing


def mailer_of(app: Flask) -> Mailer:
    """The way out that the configuration names."""
    if app.config["SMTP_URL"]:
        return SmtpMailer(app.config["SMTP_URL"])
    return kept_letters(app)


def kept_letters(app: Flask) -> KeptLetters:
    return KeptLetters(app.config["INSTANCE"] / "mailbox")

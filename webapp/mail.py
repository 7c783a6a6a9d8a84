"""Mailer: writes a letter in its reader's language, and hands it over by SMTP or keeps it here."""

from __future__ import annotations

import mailbox
import smtplib
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from email import message_from_bytes
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from email.utils import formatdate
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import css_inline
from flask import Flask, current_app, render_template
from flask_babel import force_locale

from webapp.catalogues import furigana, locale_of, tag
from webapp.furigana import with_readings
from webapp.i18n import is_easy
from webapp.letters.links import Links, Purpose
from webapp.letters.rules import Letter
from webapp.letters.wrapping import wrapped

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


NO_LINKS: Mapping[str, str] = {}


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


def write(letter: Letter, message_id: str) -> EmailMessage:
    """The letter as a message, in its reader's language whatever the worker's own is.

    Needs an app context. The plain text is complete in itself; the HTML says the same.
    Raises PermanentTrouble when the address would be read as another one.
    """
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = current_app.config["MAIL_FROM"]
    message["To"] = letter.to
    if [address.addr_spec for address in message["To"].addresses] != [letter.to]:
        raise PermanentTrouble("the address reads otherwise than it is written")
    links = _links(letter)
    subject, text, html = words_of(letter, links)
    message["Subject"] = subject
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    if "stop_url" in links:  # RFC 8058: the reader's mail program can stop letters with one click
        message["List-Unsubscribe"] = f"<{links['stop_url']}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text)
    message.add_alternative(css_inline.inline(html), subtype="html")
    _enclose(message, letter)
    # Set earlier, it would have gone to the first part.
    message["Content-Language"] = tag(letter.lang)
    return message


def _enclose(message: EmailMessage, letter: Letter) -> None:
    """Put the pictures beside the HTML that shows them, and the files after everything."""
    for part in message.iter_parts():
        if part.get_content_type() == "text/html":
            for picture in letter.pictures:
                part.add_related(picture.content, "image", "png", cid=f"<{picture.name}>")
    for file in letter.files:
        main, sub = file.kind.split("/")
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)


def words_of(letter: Letter, links: Mapping[str, str] = NO_LINKS) -> tuple[str, str, str]:
    """Subject, plain text and HTML of a letter in its reader's language."""
    folder = f"letters/{letter.template}"
    facts = {
        **letter.facts,
        **links,
        "pictures": letter.pictures,
        "lang": letter.lang,
        "letter_url": letter_url,
    }
    with force_locale(str(locale_of(letter.lang))):
        subject = " ".join(render_template(f"{folder}/subject.txt", **facts).split())
        text = render_template(f"{folder}/body.txt", **facts)
        with furigana(is_easy(letter.lang)):
            html = with_readings(render_template(f"{folder}/body.html", **facts), {})
    return subject, wrapped(text.strip()) + "\n", html


def _links(letter: Letter) -> dict[str, str]:
    """Where an author confirms the address and where letters are stopped."""
    if letter.author is None:
        return {"stop_url": letter.stop_url} if letter.stop_url else {}
    links, lang = Links(current_app.config["SECRET_KEY"]), letter.lang
    confirm, stop = (links.token(purpose, letter.author) for purpose in Purpose)
    return {
        "confirm_url": letter_url("letters.confirm", lang=lang, token=confirm),
        "stop_url": letter_url("letters.stop", lang=lang, token=stop),
    }


def letter_url(endpoint: str, **values: object) -> str:
    """An absolute link for a letter; there is no request whose host could be taken."""
    public = urlsplit(current_app.config["PUBLIC_URL"])
    addresses = current_app.url_map.bind(public.netloc, url_scheme=public.scheme)
    return addresses.build(endpoint, values, force_external=True)

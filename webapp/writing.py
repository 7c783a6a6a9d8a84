"""Letters as messages, in their readers' languages."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import urlsplit

import css_inline
from flask import current_app, render_template
from flask_babel import force_locale

from webapp.catalogues import furigana, locale_of, tag
from webapp.furigana import with_readings
from webapp.i18n import is_easy
from webapp.letters.links import Links, Purpose
from webapp.letters.rules import Letter
from webapp.letters.wrapping import wrapped
from webapp.mail import SMTP_POLICY, PermanentTrouble

NO_LINKS: Mapping[str, str] = {}


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

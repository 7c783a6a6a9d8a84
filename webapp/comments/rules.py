"""What a comment is, before any database knows of it."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from webapp.refusal import N_, Refusal

LONGEST = 4_000
"""User-perceived characters in one comment."""
MOST_COMMENTS = 100
"""Comments with one receipt. Its pages show them all."""
FIRST_LETTERS_A_DAY = 3
"""Letters that go to one mailbox unasked: enough for an honest author, too few to annoy anyone."""

SILENCE = timedelta(days=30)
"""How long an address that wants no letters is left in peace after it was asked once more."""


class Channel(StrEnum):
    WEB = "web"
    POST = "post"
    FAX = "fax"
    COUNTER = "counter"
    EMAIL = "email"


class Residency(StrEnum):
    LIVES = "lives"
    WORKS = "works"
    STUDIES = "studies"
    BUSINESS = "business"
    OTHER = "other"


class Stance(StrEnum):
    SUPPORT = "support"
    OPPOSE = "oppose"
    SUGGEST = "suggest"
    ASK = "ask"


class Publication(StrEnum):
    """Whether people may read it. `waiting` says that a person has to decide, the others that one
    has; only `withdrawn` is its author's own word, and the last one.
    """

    WAITING = "waiting"
    PUBLISHED = "published"
    REDACTED = "redacted"
    WITHHELD = "withheld"
    WITHDRAWN = "withdrawn"


class Treatment(StrEnum):
    """Whether it counts as an opinion: another question than whether people may read it.

    What its author withdrew keeps the treatment it had, but counts as withdrawn.
    """

    UNDECIDED = "undecided"
    COUNTS = "counts"
    OUT_OF_SCOPE = "out-of-scope"
    NOT_AN_OPINION = "not-an-opinion"


VISIBLE = (Publication.PUBLISHED, Publication.REDACTED)
"""The one rule of what anyone may read. Pages, summaries and letters all ask this."""
COVER = "■■■"
"""Stands in a published text for covered words, and is equally long whatever it covers."""


class PeriodClosed(Refusal):
    status = 409
    title = N_("This measure takes no comments now")
    explanation = N_("The comment period closed at %(closed_at)s (Japan time).")


class PeriodNotOpen(Refusal):
    status = 409
    title = N_("This measure takes no comments now")
    explanation = N_("No comment period is open for this stage.")


class PeriodNotBegun(PeriodNotOpen):
    explanation = N_("You can send your comment from %(opens_at)s (Japan time) on.")


class FormKeyReused(Refusal):
    status = 409
    title = N_("This form was already sent")
    explanation = N_(
        "A comment with another text or with other answers was already sent from this form. "
        "That one stands; with its receipt you can change it. "
        "To send this one as well, please use a fresh form."
    )


class ReceiptFull(Refusal):
    status = 409
    title = N_("This receipt is full")
    explanation = N_(
        "It holds %(most)s comments already. Please send this one without the receipt; "
        "you get a new one."
    )


class Commented(Protocol):
    """A measure, as far as taking a comment on it has to know it."""

    @property
    def id(self) -> int: ...

    @property
    def stage_id(self) -> int: ...


class IdentityNeeded(Refusal):
    explanation = N_("This comment period asks for your name and address. Your text is kept below.")


class IdentityNotAsked(Refusal):
    explanation = N_(
        "This comment period does not ask for names and addresses, so none can be taken in. "
        "Please leave out their columns."
    )


@dataclass(frozen=True)
class Identity:
    """Who an author is, as given where the period asks for it. Never published."""

    name: str
    address: str
    contact: str = ""

    def as_text(self) -> str:
        """The text that is sealed."""
        return json.dumps([self.name, self.address, self.contact], ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> Identity:
        return cls(*json.loads(text))


@dataclass(frozen=True)
class Draft:
    """What an author means to send, checked by the form. `text` is already normalised."""

    text: str
    language: str
    form_key: str
    channel: Channel = Channel.WEB
    action_code: str | None = None
    stance: Stance | None = None
    residency: Residency | None = None
    email: str | None = None
    page_lang: str = "ja"
    identity: Identity | None = None
    person: str = ""
    """In a file with many people's comments: what tells this person from the others in it."""


@dataclass(frozen=True)
class Receipt:
    """What the author is shown once: number and secret open the status page.

    Without a secret when the author has one already, from an earlier comment.
    """

    number: str
    secret: str = ""
    received_before: datetime | None = field(default=None, compare=False)
    """When the form had arrived already: this is the receipt that it got then."""


_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to misread


def new_number() -> str:
    """Eight readable characters, like 7K3M-2Q9D: 40 bits, so 1,000,000 receipts rarely collide."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def receipt_secret(form_key: str, secret_key: str) -> str:
    """The secret that belongs to this form: 130 bits, in groups of five.

    It is derived, not drawn, so that sending the same form twice shows the same receipt although
    only a digest of the secret is stored.
    """
    mac = hmac.new(secret_key.encode(), b"receipt\0" + form_key.encode(), hashlib.sha256).digest()
    number = int.from_bytes(mac, "big")
    letters = "".join(_ALPHABET[(number >> (5 * i)) & 31] for i in range(26))
    return "-".join(letters[i : i + 5] for i in range(0, 26, 5))


def as_typed(code: str) -> str:
    """A number or secret as people type it: any case, spaces, full width, O for 0, I or L for 1."""
    wide = str.maketrans({chr(0xFF01 + i): chr(0x21 + i) for i in range(94)})
    letters = code.translate(wide).upper().translate(str.maketrans("OIL", "011"))
    return "".join(letter for letter in letters if letter in _ALPHABET)


def as_number(code: str) -> str:
    """The number of a receipt as it is kept, from how people type it."""
    letters = as_typed(code)
    return f"{letters[:4]}-{letters[4:8]}"


def secret_digest(secret: str) -> str:
    return hashlib.sha256(as_typed(secret).encode()).hexdigest()


def form_key_digest(form_key: str) -> str:
    return hashlib.sha256(form_key.encode()).hexdigest()


def address_digest(email: str, secret_key: str) -> str:
    """Which comments gave the same address; says nothing about it to who lacks the key."""
    mac = hmac.new(secret_key.encode(), b"address\0" + email.casefold().encode(), hashlib.sha256)
    return mac.hexdigest()[:32]


def mailbox_digest(email: str, secret_key: str) -> str:
    """The same for all spellings that many mail servers put into one box: a.b+c@x is ab@x."""
    local, domain = email.rsplit("@", 1)
    return address_digest(f"{local.split('+', 1)[0].replace('.', '')}@{domain}", secret_key)


def is_open(opens_at: datetime, closes_at: datetime, now: datetime) -> bool:
    return opens_at <= now < closes_at

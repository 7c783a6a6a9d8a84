"""What differs between a laptop and a city hall: every setting, read from the environment once."""

from __future__ import annotations

import base64
import os
import re
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
LANGUAGES = ("ja", "ja-easy", "en")
TRANSLATORS = ("libretranslate", "deepl", "openai")
"""Whose HTTP interface a machine that translates comments may have; "openai" means any like it."""
FURIGANA = "furigana"
"""What the names of the catalogues end in that only add readings to those of a language."""


class MissingSetting(RuntimeError):
    """A setting without which the site would be unsafe is not there."""


@dataclass(frozen=True)
class Config:
    """The settings of one process. Flask reads the attributes in capitals.

    Addresses are URLs; times are seconds unless the name says otherwise.
    """

    SECRET_KEY: str
    IDENTITY_KEYS: tuple[str, ...]
    """Fernet keys for personal data, the newest first; older ones only open what they sealed."""
    INSTANCE: Path = ROOT / "instance"
    SQLALCHEMY_DATABASE_URI: str = ""
    BROKER_URL: str = "filesystem://"
    SMTP_URL: str = ""
    """smtp://user:password@host:port, smtps:// for TLS from the start; empty keeps letters here."""
    MAIL_FROM: str = "no-reply@tomakoe.example"
    PUBLIC_URL: str = "http://127.0.0.1:8000"
    DEMONSTRATION: bool = False
    LANGUAGES: tuple[str, ...] = LANGUAGES
    """The first is the city's own. Left unsaid, each catalogue under translations/ is one."""
    TRUSTED_PROXIES: int = 0
    """How many reverse proxies stand in front; a wrong number makes every citizen one address."""
    RATELIMIT_STORAGE_URI: str = "memory://"
    RATELIMIT_ENABLED: bool = True
    RATELIMIT_KEY_PREFIX: str = "tomakoe"
    SUBMISSIONS_PER_ADDRESS: str = "180 per 10 minutes"
    """Generous: carrier NAT puts a whole neighbourhood behind one address."""
    SUBMISSIONS_PER_ADDRESS_AND_MEASURE: str = "60 per 10 minutes"
    """A school class that writes together, twice over."""
    QUICKEST_SECONDS: float = 2.0
    """A form sent sooner after it was opened is asked to be sent once more."""
    BURST_PER_MINUTE: int = 30
    """More comments than this on one measure within a minute, and each asks for a little effort."""
    SLOW_WAY_SECONDS: float = 30.0
    """During a burst, how long people wait whose browser does no work for them."""
    SLOW_WAY_PER_ADDRESS: str = "60 per 10 minutes"
    """Comments that came through a burst by waiting: a source could wait with very many at once."""
    FORMS_PER_ADDRESS: str = "1200 per 10 minutes"
    """Forms opened and checked: a school behind one address never meets this."""
    WRONG_SECRETS_PER_ADDRESS_AND_RECEIPT: str = "20 per 10 minutes"
    """Right ones never count, and other receipts behind the same address are not held up."""
    WRONG_PASSWORDS_PER_ADDRESS_AND_ACCOUNT: str = "20 per 10 minutes"
    """The same for the sign-in: an office behind one address goes on working."""
    WRONG_PASSWORDS_PER_ADDRESS: str = "200 per 10 minutes"
    """For all accounts together: more than an office mistypes on a Monday morning."""
    STEPS_PER_ADDRESS_AND_RECEIPT: str = "30 per 10 minutes"
    """What an author sends behind one receipt; and as often again, files and letters made of it."""
    REPORT_FILES_PER_ADDRESS: str = "120 per 10 minutes"
    """Reports as files, each made anew: an office gets its own on the morning of the letter."""
    CLAIM_MINUTES: float = 10.0
    """How long a moderator holds a comment without touching it."""
    UNDO_SECONDS: float = 60.0
    """How long one's own decision can be undone; its letter waits as long."""
    TRANSLATION_PROVIDER: str = ""
    """One of TRANSLATORS; empty, and no comment ever leaves the house to be translated."""
    TRANSLATION_URL: str = ""
    """Where its interface begins, without the last part; DeepL's own is known."""
    TRANSLATION_KEY: str = ""
    TRANSLATION_MODEL: str = ""
    """Which model an OpenAI-compatible interface is asked for."""
    TRANSLATION_CHARACTERS_PER_MONTH: int = 200_000
    """Characters of comments sent in one month, in the city's time; never more."""
    TRANSLATION_SECONDS: float = 20.0
    """How long one answer may take."""
    DRAFTING_URL: str = ""
    """Where an OpenAI-compatible interface begins that may propose headings and sentences for the
    points of summaries; empty, and no comment ever leaves the house to be summarised."""
    DRAFTING_KEY: str = ""
    DRAFTING_MODEL: str = ""
    DRAFTING_CHARACTERS_PER_MONTH: int = 500_000
    """Characters of orders and comments sent in one month, in the city's time; never more."""
    DRAFTING_SECONDS: float = 60.0
    """How long one answer may take."""
    SWEEP_SECONDS: float = 30.0
    TARGET_DAYS: int = 3
    """Within so many days a comment should be decided; officials hear of those that wait longer,
    and moderators get a letter. 0 for no such letter."""
    SIGN_IN_HOURS: int = 12
    SESSION_COOKIE_NAME: str = "tomakoe"
    SESSION_COOKIE_SAMESITE: str = "Lax"
    SESSION_COOKIE_HTTPONLY: bool = True
    SESSION_COOKIE_SECURE: bool = True
    MAX_CONTENT_LENGTH: int = 4 * 1024 * 1024
    MAX_FORM_MEMORY_SIZE: int = 4 * 1024 * 1024
    MAX_FORM_PARTS: int = 1_000
    """Fields in one form: no page comes near it but a moderator's with very many covered words."""
    BABEL_DEFAULT_LOCALE: str = "ja"
    BABEL_DEFAULT_TIMEZONE: str = "Asia/Tokyo"
    BABEL_TRANSLATION_DIRECTORIES: str = str(ROOT / "translations")
    SQLALCHEMY_ENGINE_OPTIONS: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Config:
        """Read the settings; `instance/secrets.env` supplies what the environment leaves out.

        Raises:
            MissingSetting: there is no SECRET_KEY or no IDENTITY_KEYS anywhere, or a machine
                that translates or drafts is named but cannot be reached as it is set.
        """
        instance = Path(environment.get("INSTANCE", str(cls.INSTANCE))).resolve()
        known = {**read_secrets(instance / "secrets.env"), **environment}
        port = known.get("PORT", "8000")
        public_url = known.get("PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/")
        return cls(
            SECRET_KEY=_required(known, "SECRET_KEY"),
            IDENTITY_KEYS=tuple(_required(known, "IDENTITY_KEYS").split(",")),
            INSTANCE=instance,
            SQLALCHEMY_DATABASE_URI=known.get("DATABASE_URL")
            or f"sqlite:///{instance / 'tomakoe.sqlite'}",
            BROKER_URL=known.get("BROKER_URL") or cls.BROKER_URL,
            SMTP_URL=known.get("SMTP_URL", ""),
            MAIL_FROM=known.get("MAIL_FROM", cls.MAIL_FROM),
            PUBLIC_URL=public_url,
            LANGUAGES=tuple(known["LANGUAGES"].split(","))
            if known.get("LANGUAGES")
            else languages_in(ROOT / "translations"),
            DEMONSTRATION=known.get("DEMONSTRATION", "") == "1",
            TRUSTED_PROXIES=int(known.get("TRUSTED_PROXIES", "0")),
            RATELIMIT_STORAGE_URI=known.get("RATELIMIT_STORAGE_URI", cls.RATELIMIT_STORAGE_URI),
            QUICKEST_SECONDS=float(known.get("QUICKEST_SECONDS", cls.QUICKEST_SECONDS)),
            BURST_PER_MINUTE=int(known.get("BURST_PER_MINUTE", cls.BURST_PER_MINUTE)),
            SLOW_WAY_SECONDS=float(known.get("SLOW_WAY_SECONDS", cls.SLOW_WAY_SECONDS)),
            TARGET_DAYS=int(known.get("TARGET_DAYS", cls.TARGET_DAYS)),
            CLAIM_MINUTES=float(known.get("CLAIM_MINUTES", cls.CLAIM_MINUTES)),
            UNDO_SECONDS=float(known.get("UNDO_SECONDS", cls.UNDO_SECONDS)),
            **_translation(known),
            **_drafting(known),
            SWEEP_SECONDS=float(known.get("SWEEP_SECONDS", cls.SWEEP_SECONDS)),
            SESSION_COOKIE_SECURE=public_url.startswith("https://"),
        )


def _required(known: Mapping[str, str], name: str) -> str:
    if not known.get(name):
        raise MissingSetting(
            f"{name} is not set. Run `make run` once, or: python config.py >> instance/secrets.env"
        )
    return known[name]


def _translation(known: Mapping[str, str]) -> dict[str, Any]:
    provider = known.get("TRANSLATION_PROVIDER", "")
    if not provider:
        return {}
    if provider not in TRANSLATORS:
        raise MissingSetting(f"TRANSLATION_PROVIDER is none of {', '.join(TRANSLATORS)}.")
    needed = {"libretranslate": "URL", "deepl": "KEY", "openai": "URL MODEL"}[provider]
    found = {f"TRANSLATION_{n}": known.get(f"TRANSLATION_{n}", "") for n in ("KEY", "MODEL", "URL")}
    for name in needed.split():
        _required(found, f"TRANSLATION_{name}")
    default = Config.TRANSLATION_CHARACTERS_PER_MONTH
    return {
        **found,
        "TRANSLATION_PROVIDER": provider,
        "TRANSLATION_URL": found["TRANSLATION_URL"].rstrip("/"),
        "TRANSLATION_CHARACTERS_PER_MONTH": int(
            known.get("TRANSLATION_CHARACTERS_PER_MONTH", default)
        ),
        "TRANSLATION_SECONDS": float(known.get("TRANSLATION_SECONDS", Config.TRANSLATION_SECONDS)),
    }


def _drafting(known: Mapping[str, str]) -> dict[str, Any]:
    url = known.get("DRAFTING_URL", "").rstrip("/")
    if not url:
        return {}
    most = known.get("DRAFTING_CHARACTERS_PER_MONTH", Config.DRAFTING_CHARACTERS_PER_MONTH)
    return {
        "DRAFTING_URL": url,
        "DRAFTING_KEY": known.get("DRAFTING_KEY", ""),
        "DRAFTING_MODEL": _required(known, "DRAFTING_MODEL"),
        "DRAFTING_CHARACTERS_PER_MONTH": int(most),
        "DRAFTING_SECONDS": float(known.get("DRAFTING_SECONDS", Config.DRAFTING_SECONDS)),
    }


def languages_in(folder: Path) -> tuple[str, ...]:
    """The languages of the house, and then each that has a compiled catalogue here, by code."""
    catalogues = (path.parents[1].name for path in folder.glob("*/LC_MESSAGES/messages.mo"))
    codes = {re.sub("[_@]", "-", name).lower() for name in catalogues if FURIGANA not in name}
    return (*LANGUAGES, *sorted(codes - set(LANGUAGES)))


def read_secrets(path: Path) -> dict[str, str]:
    """Lines of NAME=value; a missing file holds nothing."""
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def new_secrets() -> str:
    """Fresh random secrets, as the lines of a secrets.env."""
    identity_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return f"SECRET_KEY={secrets.token_urlsafe(48)}\nIDENTITY_KEYS={identity_key}\n"


if __name__ == "__main__":
    sys.stdout.write(new_secrets())

"""Making readings: of texts that wait for them, and of the interface's own words."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from sqlalchemy.orm import Session

from config import FURIGANA
from webapp.audit.rules import digest
from webapp.citytime import utc_now
from webapp.furigana import marked
from webapp.readings.queries import corrected_words, unread_texts
from webapp.readings.rules import Pieces
from webapp.readings.services import keep_readings
from worker.analysis.readings import names, pieces

BATCH = 100


def read_all(session: Session) -> int:
    """Make the readings of every text that waits; commits after each batch."""
    made = 0
    while True:
        words = corrected_words(session)
        made_with = _name_of(words)
        texts = unread_texts(session, made_with, BATCH)
        session.rollback()  # reading takes its time; nobody waits for a lock meanwhile
        found: dict[int, Pieces] = {
            text.id: [(part, reading) for part, reading in pieces(text.body, words)]
            for text in texts
        }
        kept = keep_readings(session, found, made_with=made_with, now=utc_now())
        if not kept:
            return made
        made += kept


def _name_of(words: Mapping[str, str]) -> str:
    """Names all that decides a reading: dictionary, names of the house, corrections of staff."""
    return digest({"dictionary": version("sudachidict-core"), "names": names(), "words": words})


def write_catalogues(translations: Path) -> list[Path]:
    """Beside each Japanese catalogue one with readings marked, over the same layers.

    Its words are made from the sources, so it is compiled and never edited.
    """
    source = _messages(translations / "ja")
    written = []
    for folder in sorted(translations.glob("ja*")):
        if FURIGANA in folder.name or not (folder / "LC_MESSAGES" / "messages.po").exists():
            continue
        messages = {**source, **_messages(folder)}
        name = f"{folder.name}-{FURIGANA}" if "@" in folder.name else f"{folder.name}@{FURIGANA}"
        path = translations / name / "LC_MESSAGES" / "messages.mo"
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = Catalog(locale="ja", domain="messages")
        for message in messages.values():
            catalogue.add(message.id, _read(message.string))
        with path.open("wb") as file:
            write_mo(file, catalogue)
        written.append(path)
    return written


def _messages(folder: Path) -> dict[object, Message]:
    with (folder / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return {_key(m): m for m in read_po(file, locale="ja") if m.id and _is_said(m.string)}


def _key(message: Message) -> object:
    return message.id[0] if isinstance(message.id, tuple) else message.id


def _is_said(string: object) -> bool:
    return all(string) if isinstance(string, tuple) else bool(string)


def _read(string: object) -> str | tuple[str, ...]:
    if isinstance(string, tuple):
        return tuple(marked(pieces(one)) for one in string)
    return marked(pieces(str(string)))


if __name__ == "__main__":
    write_catalogues(Path(__file__).parents[1] / "translations")

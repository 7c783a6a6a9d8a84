"""English is the language of the message ids: what the English catalogue lacks says its own id."""

from __future__ import annotations

from pathlib import Path

from babel.messages.pofile import read_po, write_po

CATALOGUE = Path(__file__).parent / "en" / "LC_MESSAGES" / "messages.po"


def fill_english(path: Path) -> None:
    """Give every empty message of the catalogue its id, in the singular and the plural."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale="en")
    for message in catalogue:
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and not all(strings):
            message.string = message.id
    with path.open("wb") as file:
        write_po(file, catalogue, width=0)


if __name__ == "__main__":
    fill_english(CATALOGUE)

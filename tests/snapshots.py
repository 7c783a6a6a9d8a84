"""Letters as their readers see them, kept as files beside the tests.

To write them anew after a wanted change: WRITE_LETTERS=1 pytest -k as_read. Then read the diff.
"""

from __future__ import annotations

import os
from email.message import EmailMessage
from pathlib import Path


def as_read(message: EmailMessage) -> tuple[str, str]:
    """The letter in a plain-text reader, with its subject; and its HTML."""
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    files = [str(part.get_filename()) for part in message.iter_attachments()]
    head = [f"Subject: {message['Subject']}", *(f"File: {name}" for name in files)]
    return "\n".join([*head, "", str(text.get_content())]), str(html.get_content())


def check(message: EmailMessage, folder: Path, name: str) -> None:
    """Compare a letter with the one that is kept; both of its forms."""
    for content, kind in zip(as_read(message), ("txt", "html"), strict=True):
        path = folder / f"{name}.{kind}"
        said = content.replace("\r\n", "\n")
        if os.environ.get("WRITE_LETTERS"):
            folder.mkdir(exist_ok=True)
            path.write_text(said, encoding="utf-8")

        assert said == path.read_text(encoding="utf-8"), path.name

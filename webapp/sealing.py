"""Personal data at rest: sealed with the newest key, opened with any key still known."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, MultiFernet


class Sealer:
    """Seals short texts (an address, a name) with AES-CBC and an HMAC, as the Fernet spec says."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Raises cryptography.fernet.InvalidToken when no known key sealed it."""
        return self._fernet.decrypt(sealed).decode()

"""Personal data at rest: sealed with the newest key, opened with any key still known."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Sealer:
    """Seals short texts (an address, a name) with AES-CBC and an HMAC, as the Fernet spec says."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._newest = Fernet(keys[0])
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Raises cryptography.fernet.InvalidToken when no known key sealed it."""
        return self._fernet.decrypt(sealed).decode()

    def copied(self, sealed: bytes) -> bytes:
        """The same for another row: sealed with the newest key, or as it is when none opens it.

        Without this a copy made while all is sealed anew would keep the key that is to go.
        """
        try:
            return self.renewed(sealed) or sealed
        except InvalidToken:
            return sealed

    def renewed(self, sealed: bytes) -> bytes | None:
        """The same sealed with the newest key; None when that key sealed it already.

        Raises cryptography.fernet.InvalidToken when no known key sealed it.
        """
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            return self._fernet.rotate(sealed)
        return None

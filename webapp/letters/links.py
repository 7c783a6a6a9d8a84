"""The links in a letter to an author: signed, so that only whoever got it can follow them."""

from __future__ import annotations

from enum import StrEnum

from itsdangerous import BadSignature, URLSafeSerializer

from webapp.letters.rules import AuthorKey


class Purpose(StrEnum):
    """What a link is good for; a link for one thing does not do the other."""

    CONFIRM = "confirm"
    STOP = "stop"


class Links:
    """Makes the tokens of links and reads them. They are HMACs, so none is stored anywhere."""

    def __init__(self, secret_key: str) -> None:
        self._signers = {
            purpose: URLSafeSerializer(secret_key, salt=f"author-{purpose}") for purpose in Purpose
        }

    def token(self, purpose: Purpose, key: AuthorKey) -> str:
        return str(self._signers[purpose].dumps([key.comment_id, key.address]))

    def key(self, purpose: Purpose, token: str) -> AuthorKey | None:
        """Whom the token speaks for; None when it is not ours or for another purpose."""
        try:
            comment_id, address = self._signers[purpose].loads(token)
        except BadSignature:
            return None
        return AuthorKey(comment_id, address)

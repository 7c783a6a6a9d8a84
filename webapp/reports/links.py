"""The link in a report's letter that stops it: signed, so that it needs no sign-in."""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer


@dataclass(frozen=True)
class ReaderKey:
    """Whom a link speaks for: the subscription of one member of staff to one stage."""

    stage_id: int
    staff_id: int


class StopLinks:
    """Makes the tokens of links and reads them."""

    def __init__(self, secret_key: str) -> None:
        self._signer = URLSafeSerializer(secret_key, salt="report-stop")

    def token(self, key: ReaderKey) -> str:
        return str(self._signer.dumps([key.stage_id, key.staff_id]))

    def key(self, token: str) -> ReaderKey | None:
        """Whom the token speaks for; None when it is not ours."""
        try:
            stage_id, staff_id = self._signer.loads(token)
        except BadSignature:
            return None
        return ReaderKey(stage_id, staff_id)

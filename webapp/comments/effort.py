"""What a comment costs while very many come in: a little of the browser's work, or patience."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from altcha import Payload, create_challenge, verify_solution
from itsdangerous import BadSignature, URLSafeSerializer

from webapp.comments.rules import form_key_digest

ITERATIONS = 2_000
MOST_TRIES = 2_000
"""A browser tries half of these on average, each about half a millisecond on a laptop: a second
for one author, a core for each comment a second for whoever sends a flood. Making a challenge
costs the site one try, checking an answer none."""
GOOD_FOR = timedelta(hours=1)
"""How long a solved challenge, or the time that was waited, can still be handed in."""
LONGEST_ANSWER = 2_000


@dataclass(frozen=True)
class Offer:
    """Two ways to send while very many comments come in: solve `challenge`, or wait.

    `challenge` is JSON for `static/effort.js`. `patience` is handed in again unchanged; it counts
    from `ready_at` on.
    """

    challenge: str
    patience: str
    ready_at: datetime


class Efforts:
    """Makes offers and says whether one was taken up.

    Both ways are bound to the form and to nothing else: one form is one comment, so no answer
    serves twice and nothing needs to be remembered. A telephone may change its address while its
    owner waits.
    """

    def __init__(self, secret_key: str, wait: timedelta) -> None:
        self._challenge_key = _derived(secret_key, b"effort challenge")
        self._answer_key = _derived(secret_key, b"effort answer")
        self._signer = URLSafeSerializer(secret_key, salt="patience")
        self._wait = wait

    def offer(self, form_key: str, patience: str, now: datetime) -> Offer:
        """What to do with this form. Whoever is waiting already goes on waiting, not anew."""
        ready_at = self._ready_at(form_key, patience, now)
        if ready_at is None:
            ready_at = now + self._wait
            form = form_key_digest(form_key)
            patience = str(self._signer.dumps([form, ready_at.timestamp()]))
        return Offer(self._challenge(form_key, now), patience, ready_at)

    def is_made(self, form_key: str, answer: str, patience: str, now: datetime) -> bool:
        """Whether the challenge of this form was solved, or the time of this form was waited.

        Whoever hands in an answer is judged by it: the two ways have limits of their own.
        """
        if answer:
            return self._is_solved(form_key, answer)
        return self.is_waited(form_key, patience, now)

    def is_waited(self, form_key: str, patience: str, now: datetime) -> bool:
        ready_at = self._ready_at(form_key, patience, now)
        return ready_at is not None and ready_at <= now

    def _challenge(self, form_key: str, now: datetime) -> str:
        challenge = create_challenge(
            "PBKDF2/SHA-256",
            ITERATIONS,
            counter=secrets.randbelow(MOST_TRIES),
            expires_at=now + GOOD_FOR,
            data={"form": form_key_digest(form_key)},
            hmac_secret=self._challenge_key,
            hmac_key_secret=self._answer_key,
        )
        return json.dumps(challenge.to_dict())

    def _is_solved(self, form_key: str, answer: str) -> bool:
        if not answer or len(answer) > LONGEST_ANSWER:
            return False
        result = verify_solution(answer, self._challenge_key, hmac_key_secret=self._answer_key)
        if not result.verified:
            return False
        bound_to = Payload.from_base64(answer).challenge.parameters.data
        return bound_to == {"form": form_key_digest(form_key)}

    def _ready_at(self, form_key: str, patience: str, now: datetime) -> datetime | None:
        """From when on the slower way is open; None when it was not given to this form."""
        try:
            form, instant = self._signer.loads(patience)
        except (BadSignature, ValueError):
            return None
        ready_at = datetime.fromtimestamp(instant, UTC)
        is_ours = form == form_key_digest(form_key)
        return ready_at if is_ours and now < ready_at + GOOD_FOR else None


def _derived(secret_key: str, purpose: bytes) -> bytes:
    return hmac.new(secret_key.encode(), purpose, hashlib.sha256).digest()

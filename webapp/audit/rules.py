"""How a state of the record is boiled down, so that the trail proves it without repeating it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping


def digest(state: Mapping[str, object]) -> str:
    """SHA-256, in hex, of the state as canonical JSON."""
    canonical = json.dumps(state, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()

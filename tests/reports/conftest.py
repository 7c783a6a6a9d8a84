"""The stage whose comments came in during one past week, and the machine's hand on them."""

from __future__ import annotations

from tests.moderation.conftest import fold, screen, screened
from tests.summaries.conftest import compiled, decide, now, official, other_measure, stage

__all__ = [
    "compiled",
    "decide",
    "fold",
    "now",
    "official",
    "other_measure",
    "screen",
    "screened",
    "stage",
]

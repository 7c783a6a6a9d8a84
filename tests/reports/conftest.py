"""The stage whose comments came in during one past week, as the tests of summaries have it."""

from __future__ import annotations

from tests.summaries.conftest import compiled, decide, now, official, other_measure, stage

__all__ = ["compiled", "decide", "now", "official", "other_measure", "stage"]

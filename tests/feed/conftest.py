"""Comments published through the desk, as the tests of their translations have them."""

from __future__ import annotations

from tests.interpreting.conftest import decide_on, publish

__all__ = ["decide_on", "publish"]

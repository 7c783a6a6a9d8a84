"""The use cases of summaries; each stands in a module of its own."""

from __future__ import annotations

from webapp.summaries.editing import edit_summary, sign_off
from webapp.summaries.issuing import compile_closing, compile_to_date, compile_week
from webapp.summaries.proposals import ask_for_drafts
from webapp.summaries.verifying import verify_summaries

__all__ = [
    "ask_for_drafts",
    "compile_closing",
    "compile_to_date",
    "compile_week",
    "edit_summary",
    "sign_off",
    "verify_summaries",
]

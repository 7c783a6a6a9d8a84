"""Summaries: counts, checker, weeks, compiling, pages and letters."""

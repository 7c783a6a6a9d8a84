"""Tomakoe, the work nobody should wait for: screening, summaries, letters."""

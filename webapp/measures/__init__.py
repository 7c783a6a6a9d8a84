"""Stages, pillars, measures and actions: what people comment on."""

"""Screening by a machine, decisions by a person."""

"""Tomakoe, the site: a city publishes its measures and people comment on them."""

"""What officials get: the report of a week by letter, page and file, and who gets it."""

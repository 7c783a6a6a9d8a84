"""Who did what to which record, and when: rows that are only ever added."""

"""Reading Japanese and English comments: pure functions, without Flask and without a database."""

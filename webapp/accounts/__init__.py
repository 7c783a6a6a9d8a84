"""Staff, their roles, and their signing in."""

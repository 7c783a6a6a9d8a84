"""What an author can do with number and secret, without an account."""

"""What an author does with number and secret."""

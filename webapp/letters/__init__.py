"""Letters owed: claimed, handed over once, and never blindly repeated."""

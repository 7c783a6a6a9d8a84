"""What became of the comments on a stage, in numbers that anyone may read."""

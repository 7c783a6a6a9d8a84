"""What is new on a stage, as a feed for programs that follow it."""

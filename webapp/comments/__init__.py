"""What people send, and the receipt they get for it."""

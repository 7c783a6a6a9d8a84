"""What people said, read in another language: translations of comments, by staff or a machine."""

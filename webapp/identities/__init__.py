"""Who authors are, where a period asks for it: shown with a reason, and deleted on the day."""

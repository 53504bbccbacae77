"""Links in emails: their tokens, and when they stop working."""

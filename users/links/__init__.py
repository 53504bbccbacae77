"""Links in emails: what their tokens stand for, and when they stop working."""

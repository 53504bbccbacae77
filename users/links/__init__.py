"""The addresses of our pages, and links to them in emails: their tokens, and when they stop working."""

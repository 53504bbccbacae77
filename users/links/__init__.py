"""The addresses of our pages, and the links to them in emails: their tokens and their expiry."""

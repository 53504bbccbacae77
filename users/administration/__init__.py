"""The admin's pages for accounts. `users.operations` does what they offer."""

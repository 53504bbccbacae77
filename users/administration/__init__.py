"""The admin's pages of accounts; what they do stands in `users.operations`."""

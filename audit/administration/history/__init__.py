"""The changes to a person's account and those that an administrator made, for the pages of Django's admin."""

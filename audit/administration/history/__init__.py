"""What happened to a person and what an administrator did, for the pages of Django's admin that show it."""

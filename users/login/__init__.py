"""Failed logins and their limits, known devices, ways back into an account, and notices about logins."""

"""Failed logins and their limits, known devices, unlock links, and notices about logins."""

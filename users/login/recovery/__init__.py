"""Ways back into an account by email: the unlock link after a lock, the reset link on request, and their limits."""

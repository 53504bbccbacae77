"""Failed logins and their limits, unlock links, and what people are told about their logins."""

"""The pages on which people see their own history."""

"""Installs and removes what belongs to our tables, and carries databases over from the earlier labels."""

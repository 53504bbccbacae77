"""Tells people about logins to their account: the last one, failed ones, and those from a new device."""

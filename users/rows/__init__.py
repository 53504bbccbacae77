"""Gives every user a row of `UserFSM` and keeps `is_active` in agreement with it."""

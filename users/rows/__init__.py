"""Gives every user a row of `UserFSM`, keeps `is_active` in agreement, and carries out what code assigns to it."""

"""
The pages on which people see their own history.

A template tag shows the newest part of it by `own_history`.
"""

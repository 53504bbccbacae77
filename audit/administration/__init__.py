"""
The record in Django's admin: list, search, export and dashboard; see docs/records.md.

Template tags show the `history` of a person, and what an administrator did last.
"""

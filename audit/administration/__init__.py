"""The record in Django's admin: list, search, export and dashboard; see docs/records.md."""

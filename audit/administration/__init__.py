"""The record in Django's admin: to read, to search, to export, and as a dashboard; see docs/records.md."""

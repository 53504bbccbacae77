"""The record as a CSV file, and keyset paging."""

from audit.export.csv_file import pieces

__all__ = ["pieces"]

"""The record as a CSV file, and keyset paging."""

from audit.export.csv_file import in_threads, pieces

__all__ = ["in_threads", "pieces"]

"""The record as a CSV file, and keyset paging."""

from audit.export.csv_file import pieces
from users.csv_files import in_threads

__all__ = ["in_threads", "pieces"]

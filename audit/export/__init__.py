"""The record as a CSV file, and keyset paging."""

from audit.export.csv_file import pieces, pieces_async

__all__ = ["pieces", "pieces_async"]

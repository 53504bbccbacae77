"""The record as a file, and page by page."""

from audit.export.csv_file import pieces, pieces_async

__all__ = ["pieces", "pieces_async"]

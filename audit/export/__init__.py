"""
The record as a CSV file, and keyset paging.

Lists, the API and streams page through records by `paging`; streams write rows as `csv_file` has them, and let
PostgreSQL write them by `copy_to`.
"""

from audit.export.csv_file import pieces

__all__ = ["pieces"]

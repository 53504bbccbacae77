"""
The pages made from `results.json`; no number is typed by hand.

`files` says what each is to contain, and `write` writes them.
"""

from benchmarks.report.page import files, write

__all__ = ["files", "write"]

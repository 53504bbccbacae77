"""
The parts of the documentation that are generated from the code by `make docs`; a test holds the files against them.

`files` returns what each file should say.
"""

from project.documents.pages import APPS, ROOT, files
from project.documents.tables import transitions_table

__all__ = ["APPS", "ROOT", "files", "transitions_table"]

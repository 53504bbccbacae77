"""Conditions in SQL, so that what we wrote can be compared with what PostgreSQL or SQLite shows of it."""

from __future__ import annotations

import re

CASTS = re.compile(r"::(character varying|text|timestamp with time zone)(\[\])?")
ONE_OF = re.compile(r"=anyarray\[([^]]*)\]")
LAYOUT = re.compile(r'[\s()"]+')


def plain(condition: str) -> str:
    """
    Return a condition without what the database adds to it or takes away: casts to texts and times, brackets, layout.

    PostgreSQL also shows `IN` as `= ANY (ARRAY[…])`.
    """
    return ONE_OF.sub(r"in\1", LAYOUT.sub("", CASTS.sub("", condition)).lower())

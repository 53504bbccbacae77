"""Cursors for the statements of every transition."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from users.lifecycle import pipeline


def rows_of(
    connection: BaseDatabaseWrapper, sql: str, params: Sequence[Any], *, begins: bool = False, commits: bool = False
) -> list[tuple[Any, ...]]:
    """
    Execute one statement and return its rows.

    `begins` and `commits` let BEGIN or COMMIT travel with it. The caller knows that they can (`pipeline.is_possible`).
    With `commits` no rows are returned.
    """
    with prepared_cursor(connection) as cursor:
        with pipeline.travelling_with(cursor, begins=begins, commits=commits) if begins or commits else nullcontext():
            cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = [] if commits else cursor.fetchall()
    return rows


def prepared_cursor(connection: BaseDatabaseWrapper) -> CursorWrapper:
    """
    Return a cursor with which PostgreSQL plans a statement once per connection instead of each time.

    Planning a statement of a transition takes longer than running it. psycopg prepares statements that it has sent
    `prepare_threshold` times (OPTIONS of the database), unless the parameters are part of the text, as with Django's
    own cursors. So this is a cursor of psycopg inside Django's wrapper. Without that option it is Django's, and also
    while queries are logged, because such a cursor shows debug tools a text without the values.
    """
    connection.ensure_connection()
    driver = connection.connection
    if getattr(driver, "prepare_threshold", None) is None or connection.queries_logged:
        return connection.cursor()
    import psycopg  # imported here, because SQLite does not need it

    usual, driver.cursor_factory = driver.cursor_factory, psycopg.Cursor
    try:
        return connection.cursor()
    finally:
        driver.cursor_factory = usual

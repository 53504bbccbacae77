"""Cursors for the statements of every transition."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from users.lifecycle import pipeline


def rows_of(
    connection: BaseDatabaseWrapper, sql: str, params: Sequence[Any], *, begins: bool = False
) -> list[tuple[Any, ...]]:
    """
    Execute one statement and return its rows.

    `begins` lets BEGIN travel with it. The caller knows that it can (`pipeline.is_possible`).
    """
    with prepared_cursor(connection) as cursor:
        with pipeline.travelling_with(cursor, begins=True) if begins else nullcontext():
            cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def execute(connection: BaseDatabaseWrapper, sql: str, params: Sequence[Any], *, commits: bool = False) -> None:
    """Execute one statement whose rows nobody needs. `commits` lets COMMIT travel with it, as `begins` lets BEGIN."""
    with (
        prepared_cursor(connection) as cursor,
        pipeline.travelling_with(cursor, commits=True) if commits else nullcontext(),
    ):
        cursor.execute(sql, params)


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

"""Cursors for the statements of every transition."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper


def cursor(connection: BaseDatabaseWrapper) -> CursorWrapper:
    """
    Return a cursor with which PostgreSQL plans a statement once per connection instead of each time.

    Planning a statement of a transition takes longer than running it. psycopg prepares statements that it has sent
    `prepare_threshold` times (OPTIONS of the database), unless the parameters are part of the text, as with Django's
    own cursors. So this is a cursor of psycopg inside Django's wrapper. Without that option it is Django's.
    """
    connection.ensure_connection()
    driver = connection.connection
    if getattr(driver, "prepare_threshold", None) is None:
        return connection.cursor()
    import psycopg  # imported here, because SQLite does not need it

    usual, driver.cursor_factory = driver.cursor_factory, psycopg.Cursor
    try:
        return connection.cursor()
    finally:
        driver.cursor_factory = usual

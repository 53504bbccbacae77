"""Cursors for the statements that every transition sends."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper


def cursor(connection: BaseDatabaseWrapper) -> CursorWrapper:
    """
    A cursor of Django's, by which PostgreSQL plans a statement once a connection instead of each time it is sent.

    Planning one of a transition's takes longer than carrying it out. psycopg prepares what it has seen as often as
    `prepare_threshold` in the OPTIONS of the database says, unless the parameters stand in the text, which is how
    Django's own cursors send them; so this one is psycopg's. Without that option it is Django's.
    """
    connection.ensure_connection()
    driver = connection.connection
    if getattr(driver, "prepare_threshold", None) is None:
        return connection.cursor()
    import psycopg  # here, for SQLite does not need it

    usual, driver.cursor_factory = driver.cursor_factory, psycopg.Cursor
    try:
        return connection.cursor()
    finally:
        driver.cursor_factory = usual

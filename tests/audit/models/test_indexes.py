"""The index of words, which is made where PostgreSQL lets it be made, and missing without an error elsewhere."""

import pytest
from django.db import connection, migrations

from audit.models.indexes import AddTrigramIndex, schema_of_trigrams

pytestmark = pytest.mark.django_db

OPERATION = AddTrigramIndex("userstateaudit", "description", name="some_words")


def carried_out() -> list[str]:
    """The statements about the index; the state of a migration is that of the project's models."""
    from django.apps import apps

    class State:
        pass

    state = State()
    state.apps = apps  # type: ignore[attr-defined]
    said: list[str] = []
    editor = connection.SchemaEditorClass(connection)
    editor.execute = lambda sql, params=(): said.append(str(sql))  # type: ignore[method-assign]
    OPERATION.database_forwards("user_audit", editor, state, state)
    return said


def test_without_the_extension_nothing_is_made_and_nothing_fails():
    has_them = connection.vendor == "postgresql" and schema_of_trigrams(connection) is not None
    assert len(carried_out()) == has_them
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # the transaction goes on


def test_with_the_extension_the_index_is_one_of_trigrams_in_its_schema(monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("trigrams are PostgreSQL's")
    monkeypatch.setattr("audit.models.indexes.schema_of_trigrams", lambda _: "tools")
    (sql,) = carried_out()
    assert sql == (
        'CREATE INDEX IF NOT EXISTS "some_words" ON "user_audit_userstateaudit" '
        'USING gin (UPPER("description") "tools".gin_trgm_ops)'
    )


def test_it_says_what_it_does_and_belongs_to_no_state():
    assert isinstance(OPERATION, migrations.operations.base.Operation)
    assert OPERATION.describe() == "Create index some_words of trigrams, where that is possible"

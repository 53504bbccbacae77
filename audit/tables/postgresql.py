"""The tables in PostgreSQL's catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Max, Model

from audit.tables.vendor import own_columns, wanted_constraints
from audit.triggers.plain import plain

PLACE = """
SELECT relkind::text, relpersistence = 'p', relrowsecurity,
    ARRAY(SELECT rulename::text FROM pg_rewrite WHERE ev_class = c.oid AND rulename <> '_RETURN' ORDER BY 1),
    ARRAY(SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = c.oid ORDER BY 1),
    ARRAY(
        SELECT nspname::text FROM pg_class other JOIN pg_namespace n ON n.oid = other.relnamespace
        WHERE other.relname = c.relname AND nspname = ANY(current_schemas(false)) ORDER BY 1)
FROM pg_class c WHERE c.oid = to_regclass(%s)
"""

COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), attnotnull, atthasdef, attgenerated <> ''
FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
"""

CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid), convalidated
FROM pg_constraint WHERE conrelid = to_regclass(%s) AND contype IN ('c', 'u')
"""

KEYS = """
SELECT seqincrement = 1 AND seqcache = 1 AND NOT seqcycle FROM pg_sequence
WHERE seqrelid = pg_get_serial_sequence(%s, %s)::regclass
"""

SEQUENCE = """
SELECT name FROM pg_get_serial_sequence(%s, %s) AS name WHERE has_sequence_privilege(name, 'SELECT') AND NOT EXISTS (
    SELECT FROM pg_subscription_rel JOIN pg_subscription s ON s.oid = srsubid
    WHERE srrelid = to_regclass(%s) AND subenabled)
"""
"""The sequence of a key, unless this role may not read it, or rows come from another server with their keys."""

SHORT_NAMES = {"varchar": "character varying", "char": "character"}
"""The types that the catalogue shows by other names than Django."""

KINDS = {"v": "a view", "m": "a materialized view", "f": "a foreign table", "p": "a partitioned table"}


def place(cursor: CursorWrapper, model: type[Model]) -> Iterator[str]:
    """Whether there is a table at this place, and nothing that changes what statements do or see."""
    cursor.execute(PLACE, [_quoted(cursor, model)])
    for kind, is_logged, hides_rows, rules, heirs, schemas in cursor.fetchall():
        name = model._meta.db_table
        if kind != "r":
            yield f"{name} is {KINDS.get(kind, 'no table')}"
        elif not is_logged:
            yield f"{name} is not logged, so that a crash empties it"
        if hides_rows:
            yield f"{name} has row level security, which hides rows"
        if rules:
            yield f"{name} has rules, which change what statements do: {', '.join(rules)}"
        if heirs:
            yield f"{name} shows the rows of other tables, which inherit from it: {', '.join(heirs)}"
        if len(schemas) > 1:
            yield f"{name} is in several schemas of the search path: {', '.join(schemas)}"


def columns(cursor: CursorWrapper, model: type[Model]) -> Iterator[str]:
    """Whether the columns have their types, may be empty, and are written as statements say."""
    fields, table = own_columns(model), model._meta.db_table
    cursor.execute(COLUMNS, [_quoted(cursor, model)])
    for name, kind, is_required, has_default, is_generated in cursor.fetchall():
        field = fields.get(name)
        if field is None:
            continue
        wanted = as_shown(str(field.db_type(cursor.db)))
        if kind != wanted:
            yield f"{table}.{name} is {kind} instead of {wanted}"
        if is_generated:
            yield f"{table}.{name} is generated"
        elif has_default and not field.primary_key:
            yield f"{table}.{name} has a default"
        if is_required == field.null:
            yield f"{table}.{name} {'must' if is_required else 'need'} not be empty"


def constraints(cursor: CursorWrapper, model: type[Model]) -> Iterator[str]:
    """Whether the constraints of the model are there and say what they should."""
    with _times_in_utc(cursor):
        cursor.execute(CONSTRAINTS, [_quoted(cursor, model)])
        rows = cursor.fetchall()
    found = {
        name: (plain(f"CONSTRAINT {name} {text}").removesuffix("notvalid"), is_valid) for name, text, is_valid in rows
    }
    for name, wanted in wanted_constraints(cursor, model).items():
        text, is_valid = found.get(name, ("", True))
        if not text:
            yield f"{model._meta.db_table} lacks the constraint {name}"
        elif text != wanted:
            yield f"the constraint {name} says something else"
        elif not is_valid:
            yield f"the constraint {name} was not asked about the rows that there are"


def keys(cursor: CursorWrapper, model: type[Model]) -> Iterator[str]:
    """Whether keys are given one after the other, and none again."""
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [_quoted(cursor, model)])
    if cursor.fetchone() == (True,):
        cursor.execute(KEYS, [_quoted(cursor, model), model._meta.pk.column])
        if cursor.fetchone() != (True,):
            yield f"the keys of {model._meta.db_table} are not given one after the other"
        elif _gives_keys_again(cursor, model):
            yield f"the next key of {model._meta.db_table} is one that another row had before"


def _gives_keys_again(cursor: CursorWrapper, model: type[Model]) -> bool:
    """Whether the sequence is behind the keys in the table. Logical replication leaves it behind."""
    # Read before the sequence, which moves on with each key.
    highest = model._base_manager.using(cursor.db.alias).aggregate(highest=Max("pk"))["highest"] or 0
    table = _quoted(cursor, model)
    cursor.execute(SEQUENCE, [table, model._meta.pk.column, table])
    for (sequence,) in cursor.fetchall():
        cursor.execute(f"SELECT last_value - (NOT is_called)::int < %s FROM {sequence}", [highest])  # noqa: S608 - quoted by PostgreSQL
        return bool(cursor.fetchone()[0])
    return False


@contextmanager
def _times_in_utc(cursor: CursorWrapper) -> Iterator[None]:
    """Let the catalogue show times as we write them."""
    with transaction.atomic(using=cursor.db.alias):
        cursor.execute("SELECT current_setting('timezone')")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('timezone', 'UTC', true)")
        yield
        cursor.execute("SELECT set_config('timezone', %s, true)", [before])


def as_shown(kind: str) -> str:
    """Return a type as `format_type` shows it."""
    name, bracket, length = kind.partition("(")
    return SHORT_NAMES.get(name, name) + bracket + length.replace(" ", "")


def _quoted(cursor: CursorWrapper, model: type[Model]) -> str:
    return str(cursor.db.ops.quote_name(model._meta.db_table))

"""
Writes the rows and states of a unit of work. Only `users.lifecycle` calls it, inside its transaction.

It uses SQL of its own, because Django takes longer to build the queries than the database takes to run them. Rows that
need more than plain values go through Django's `bulk_create`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import DataError, connections, models

from users.lifecycle.row_values import RowValues
from users.lifecycle.writing import at_once, in_turn
from users.lifecycle.writing.ahead import Ahead
from users.lifecycle.writing.columns import Rows
from users.lifecycle.writing.part import Part

WRITTEN = (
    "current_state",
    "locked_until",
    "changed_at",
    "failed_logins",
    "last_failed_login",
    "failed_login_addresses",
    "automatic_locks",
    "last_automatic_lock",
)
"""The columns that a transition may set, besides the version."""

T = TypeVar("T")
ByModel = defaultdict[type[models.Model], list[T]]


def write(part: Part, *, using: str, commits: bool = False) -> None:
    """
    Insert the rows, then write the states with the next version, then the users' `is_active`.

    On PostgreSQL this is one statement, elsewhere one for each kind of row and two for the states. The states of new
    accounts are inserted after the rows, and their keys are not read back. With `commits`, that one statement takes the
    COMMIT of the transaction along.
    Raises `DoesNotExist` if some states could not be written.
    """
    inserts = _insert_what_is_not_plain(part.rows, using)
    with _all_written(part):
        _write_states(part, inserts, using, commits=commits)
    if part.begun:
        _insert(_insert_what_is_not_plain(part.begun, using), using)


def send(part: Part, ahead: Ahead, *, using: str) -> bool:
    """
    Let the database begin to `write` this, without waiting for it, and return whether that is possible.

    `ahead.wait()` raises the errors.
    """
    if not ahead.is_possible():
        return False
    begun = Rows.to_insert(part.begun, using=using) if part.begun else None
    if part.begun and begun is None:
        return False
    inserts = _insert_what_is_not_plain(part.rows, using)
    with ahead.sending(_all_written(part)):
        _write_states(part, inserts, using)
        if begun:
            _insert([begun], using)
    return True


def _insert_what_is_not_plain(rows: Sequence[models.Model | RowValues], using: str) -> list[Rows]:
    """Insert the rows that only Django can insert, and return the others."""
    instances, values = _by_model(rows)
    inserts = []
    for model, group in values.items():
        if plain := Rows.of_values(model, group, using=using):
            inserts.append(plain)
        else:
            instances[model] += [model(*each) for each in group]
    for model, unsaved in instances.items():
        if plain := Rows.to_insert(unsaved, using=using):
            inserts.append(plain)
        else:
            model._base_manager.using(using).bulk_create(unsaved)
    return inserts


def _insert(inserts: Sequence[Rows], using: str) -> None:
    connection = connections[using]
    (at_once if connection.vendor == "postgresql" else in_turn).insert(inserts, connection)


def _write_states(part: Part, inserts: Sequence[Rows], using: str, *, commits: bool = False) -> None:
    if not part.changed:
        _insert(inserts, using)
        return
    states = Rows.to_update(part.changed, WRITTEN, using=using)
    connection = connections[using]
    if connection.vendor == "postgresql":
        at_once.write(inserts, states, connection, commits=commits)
    elif not in_turn.write(inserts, states, connection):
        raise _gone(part)


@contextmanager
def _all_written(part: Part) -> Iterator[None]:
    """Raise `DoesNotExist` if the statement in this block could not write all states."""
    try:
        yield
    except DataError as error:
        if at_once.is_about_the_count(error):
            raise _gone(part) from error
        raise


def _gone(part: Part) -> Exception:
    # A receiver deleted it, or a foreign trigger discarded it or one of its rows.
    return type(part.changed[0]).DoesNotExist("a state row was deleted in the middle of its transition")


def _by_model(rows: Sequence[models.Model | RowValues]) -> tuple[ByModel[models.Model], ByModel[tuple[Any, ...]]]:
    instances: ByModel[models.Model] = defaultdict(list)
    values: ByModel[tuple[Any, ...]] = defaultdict(list)
    for row in rows:
        if isinstance(row, RowValues):
            values[row.model].append(row.values)
        else:
            instances[type(row)].append(row)
    return instances, values

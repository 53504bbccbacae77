"""
Writes the rows and states of a unit of work. Only `users.lifecycle` calls it, inside its transaction.

It uses SQL of its own, because Django takes longer to build the queries than the database takes to run them. Rows that
need more than plain values go through Django's `bulk_create`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import connections, models

from users.lifecycle.account import AccountState
from users.lifecycle.row_values import RowValues
from users.lifecycle.writing import at_once, in_turn
from users.lifecycle.writing.columns import Rows

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


def write(
    changed: Sequence[AccountState],
    begun: Sequence[AccountState],
    rows: Sequence[models.Model | RowValues],
    *,
    using: str,
    commits: bool = False,
) -> None:
    """
    Insert the rows, then write the states with the next version, then the users' `is_active`.

    On PostgreSQL this is one statement, elsewhere one for each kind of row and two for the states. The states of new
    accounts are inserted after the rows, and their keys are not read back. With `commits`, that one statement takes the
    COMMIT of the transaction along.
    Raises `DoesNotExist` if some states could not be written.
    """
    inserts = _insert_what_is_not_plain(rows, using)
    if changed:
        _write_states(changed, inserts, using, commits=commits)
    else:
        _insert(inserts, using)
    if begun:
        _insert(_insert_what_is_not_plain(begun, using), using)


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


def _write_states(changed: Sequence[AccountState], inserts: Sequence[Rows], using: str, *, commits: bool) -> None:
    states = Rows.to_update(changed, WRITTEN, using=using)
    connection = connections[using]
    if connection.vendor == "postgresql":
        written = at_once.write(inserts, states, connection, commits=commits)
    else:
        written = in_turn.write(inserts, states, connection)
    if not written:
        # A receiver deleted it, or a foreign trigger discarded it or one of its rows.
        raise type(changed[0]).DoesNotExist("a state row was deleted in the middle of its transition")


def _by_model(rows: Sequence[models.Model | RowValues]) -> tuple[ByModel[models.Model], ByModel[tuple[Any, ...]]]:
    instances: ByModel[models.Model] = defaultdict(list)
    values: ByModel[tuple[Any, ...]] = defaultdict(list)
    for row in rows:
        if isinstance(row, RowValues):
            values[row.model].append(row.values)
        else:
            instances[type(row)].append(row)
    return instances, values

"""
Writes what a unit of work has gathered; called by `users.lifecycle` alone, inside its transaction.

By SQL of its own: Django takes longer to build its queries than the database to run them. Rows that need more than
plain values go through Django's `bulk_create`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db import connections, models

from users.lifecycle.account import AccountState
from users.lifecycle.writing import at_once, in_turn
from users.lifecycle.writing.columns import Rows

WRITTEN = (
    "current_state",
    "locked_until",
    "failed_logins",
    "last_failed_login",
    "failed_login_addresses",
    "automatic_locks",
    "last_automatic_lock",
)
"""What a transition may set, beside the version."""


def write(
    changed: Sequence[AccountState], begun: Sequence[AccountState], rows: Sequence[models.Model], *, using: str
) -> None:
    """
    Insert the rows, then write the accounts' states with a version one higher, then the users' `is_active`.

    On PostgreSQL all of it is one statement, elsewhere one for each kind of row and two for the states. The states of
    accounts that have just begun are inserted behind the rows. Raises `DoesNotExist` where not all of the states were
    written.
    """
    inserts = _insert_what_is_not_plain(rows, using)
    if changed:
        _write_states(changed, inserts, using)
    else:
        in_turn.insert(inserts, connections[using])
    if begun:
        type(begun[0])._base_manager.using(using).bulk_create(begun)


def _insert_what_is_not_plain(rows: Sequence[models.Model], using: str) -> list[Rows]:
    """Insert rows that only Django can insert, and return the others."""
    inserts = []
    for model, group in _by_model(rows).items():
        if plain := Rows.to_insert(group, using=using):
            inserts.append(plain)
        else:
            model._base_manager.using(using).bulk_create(group)
    return inserts


def _write_states(changed: Sequence[AccountState], inserts: Sequence[Rows], using: str) -> None:
    states = Rows.to_update(changed, WRITTEN, using=using)
    connection = connections[using]
    way = at_once if connection.vendor == "postgresql" else in_turn
    if way.write(inserts, states, connection) != len(changed):
        # By a receiver; or a trigger of somebody else's swallowed the row, or one of those that belong to it.
        raise type(changed[0]).DoesNotExist("a state row was deleted in the middle of its transition")


def _by_model(rows: Sequence[models.Model]) -> dict[type[models.Model], list[models.Model]]:
    groups = defaultdict(list)
    for row in rows:
        groups[type(row)].append(row)
    return groups

"""Reads accounts under a row lock. Only the unit of work calls it, inside its transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import connections
from django.db.models import F, Q
from django.db.models.sql import Query

from users.database.one_of import one_of
from users.input.mailbox import has_addresses
from users.lifecycle import cursors
from users.lifecycle.account import AccountState
from users.lifecycle.writing.columns import columns_of


class Locked(NamedTuple):
    """An account as read under the row lock."""

    fsm: AccountState
    username: str
    address: str
    """The user's email address, or an empty text."""


class Reading(NamedTuple):
    """A query with its SQL, the fields it reads, and the converters of their values."""

    query: Query
    sql: str
    names: list[str]
    converters: dict[int, Any]


def lock(
    model: type[AccountState], pks: Collection[Any], *, using: str, users: bool = False, begins: bool = False
) -> list[Locked]:
    """
    Lock these accounts in key order and return them as they are now, without those that no longer exist.

    With `users`, the rows of the users are locked too. With `begins`, the BEGIN of the transaction is sent along.
    """
    connection = connections[using]
    keys = [model._meta.pk.get_db_prep_value(pk, connection) for pk in dict.fromkeys(pks)]
    if connection.vendor == "postgresql" and len(keys) > 1:  # an array of one key would not keep the plan
        reading, params = _reading(model, None, using, users=users), [keys]
    else:
        reading, params = _reading(model, len(keys), using, users=users), keys
    rows: Iterable[Any] = cursors.rows_of(connection, reading.sql, params, begins=begins)
    if reading.converters:
        rows = reading.query.get_compiler(using).apply_converters(rows, reading.converters)
    known = has_addresses()
    return [
        Locked(model.from_db(using, reading.names, values), str(username), (address or "") if known else "")
        for *values, username, address in rows
    ]


@lru_cache(maxsize=32)  # one key, a whole batch, and recent last batches
def _reading(model: type[AccountState], count: int | None, using: str, *, users: bool) -> Reading:
    """Return the query for this many keys, or for keys in an array."""
    # Cached, because Django takes longer to build this query than the database takes to run it.
    accounts = model._base_manager.using(using).select_for_update(of=() if users else ("self",))
    username, address = _fields_of_the_user()
    named = accounts.annotate(locked_username=F(f"user__{username}"), locked_address=F(f"user__{address}"))
    chosen = one_of("pk", (), model._meta.pk, using=using) if count is None else Q(pk__in=range(count))
    query = named.filter(chosen).order_by("pk").query
    compiler = query.get_compiler(using)
    sql, _ = compiler.as_sql()
    if connections[using].vendor == "postgresql":
        sql = _with_fixed_types(model, sql, using)
    converters = compiler.get_converters([expression for expression, _, _ in compiler.select])
    return Reading(query, sql, [field.attname for field in model._meta.concrete_fields], converters)


def _with_fixed_types(model: type[AccountState], sql: str, using: str) -> str:
    """Return the query with casts: otherwise a prepared statement fails after a migration has made a column longer."""
    accounts = columns_of(model, tuple(field.name for field in model._meta.concrete_fields), using)
    person = columns_of(get_user_model(), _fields_of_the_user(), using)
    kinds = {f"column_{number}": column.kind for number, column in enumerate((*accounts.each, *person.each))}
    cast = ", ".join(f"{name}::{kind}" for name, kind in kinds.items())
    return f"SELECT {cast} FROM ({sql}) AS locked ({', '.join(kinds)})"  # noqa: S608 - Django's query and names of types


def _fields_of_the_user() -> tuple[str, str]:
    """The fields with the username and the address; where the model has no address, both are the username's."""
    user = get_user_model()
    return user.USERNAME_FIELD, user.get_email_field_name() if has_addresses() else user.USERNAME_FIELD

"""Conditions on many keys."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Field, Lookup, Q
from django.db.models.sql.compiler import SQLCompiler


def one_of(name: str, keys: Collection[Any], field: Field[Any, Any], *, using: str) -> Q | Lookup[Any]:
    """
    Return the condition that the column `name`, which holds keys of this field, has one of these values.

    The keys are sent as one array, because a thousand parameters of `IN` take three times as long to prepare, to send
    and to plan.
    """
    connection = connections[using]
    array: list[Any] = [field.get_db_prep_value(key, connection) for key in keys]
    if connection.vendor == "postgresql":
        return _InArray(F(name), array)
    if connection.vendor == "sqlite" and {type(key) for key in array} <= {int, str}:
        return _InJson(F(name), json.dumps(array))
    return Q(**{f"{name}__in": keys})


class _OneParameter(Lookup):
    """
    A condition whose right side is one parameter.

    Not a `Func`: Django 6.1 compares one with TRUE on SQLite, and a comparison uses no index.
    """

    prepare_rhs = False
    template: str

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        left, params = self.process_lhs(compiler, connection)
        return self.template % left, (*params, self.rhs)


class _InArray(_OneParameter):
    template = "%s = ANY(%%s)"


class _InJson(_OneParameter):
    template = "%s IN (SELECT value FROM json_each(%%s))"

"""Conditions on many keys."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.db import connections
from django.db.models import BooleanField, F, Field, Func, Q, Value
from django.db.models.expressions import Combinable


def one_of(name: str, keys: Collection[Any], field: Field[Any, Any], *, using: str) -> Q | Combinable:
    """
    Return the condition that the column `name`, which holds keys of this field, has one of these values.

    The keys are sent as one array, because a thousand parameters of `IN` take three times as long to prepare, to send
    and to plan.
    """
    connection = connections[using]
    array: list[Any] = [field.get_db_prep_value(key, connection) for key in keys]
    if connection.vendor == "postgresql":
        return _condition(name, array, " = ANY(", ")")
    if connection.vendor == "sqlite" and {type(key) for key in array} <= {int, str}:
        return _condition(name, json.dumps(array), " IN (SELECT value FROM json_each(", "))")
    return Q(**{f"{name}__in": keys})


def _condition(name: str, keys: Any, operator: str, end: str) -> Combinable:
    return Func(
        F(name), Value(keys), arg_joiner=operator, template=f"%(expressions)s{end}", output_field=BooleanField()
    )

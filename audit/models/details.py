"""The column of details: a JSON object that can always be shown."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.fields.json import KeyTransform

from audit.integrity.signed.details import object_of
from audit.integrity.signed.facts import UNREADABLE
from users.input.details import storable_details

CANNOT_BE_READ = {"unreadable": True}
"""The value that stands for anything but a JSON object. Nothing is signed like that, so a signature never matches."""


class DetailsField(models.JSONField):
    """
    A JSON object that reads as `CANNOT_BE_READ` if the database holds something else.

    PostgreSQL keeps JSON of any depth and with numbers of any length, and SQLite keeps anything. One such value would
    make every page, export and stream that reads the row fail. Parts of an object are read in the form in which details
    are written, so that each can be written again.
    """

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        if isinstance(expression, KeyTransform):
            return super().from_db_value(value, expression, connection)
        try:
            return storable_details(object_of(value))
        except UNREADABLE:
            return dict(CANNOT_BE_READ)

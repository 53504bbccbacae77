"""On SQLite, which keeps any value in any column: the records whose user and sequence are what a walk depends on."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.db import connections
from django.db.models import CharField, F, Func, IntegerField

from audit.integrity.signed.facts import Unreadable
from audit.integrity.signed.rows import Records
from audit.models import UserStateAudit


def in_place(records: Records) -> Records:
    """Select the records whose user and sequence have the types of their columns."""
    if connections[records.db].vendor != "sqlite":
        return records
    return _typed(records).filter(**_right_types())


def out_of_place(using: str) -> list[Unreadable]:
    """Select the other records, because SQLite accepts any value in any column."""
    records = UserStateAudit.objects.using(using)
    if connections[using].vendor != "sqlite":
        return []
    found = _typed(records).exclude(**_right_types())
    shown = found.annotate(user_text=_text("user_id"), sequence_text=_text("sequence"))
    why = "its place is user {}, sequence {}"
    return [
        Unreadable(user, "", 0, why.format(user, sequence), key)
        for key, user, sequence in shown.values_list("pk", "user_text", "sequence_text")
    ]


def _typed(records: Records) -> Records:
    return records.alias(user_type=_type("user_id"), sequence_type=_type("sequence"))


def _right_types() -> dict[str, str]:
    key = "integer" if isinstance(get_user_model()._meta.pk, IntegerField) else "text"
    return {"user_type": key, "sequence_type": "integer"}


def _type(column: str) -> Func:
    return Func(F(column), function="typeof", output_field=CharField())


def _text(column: str) -> Func:
    return Func(F(column), function="quote", output_field=CharField())

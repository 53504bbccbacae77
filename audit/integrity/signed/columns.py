"""
Tells records whose user and sequence can be read from others.

SQLite keeps any value in any column, and the owner of the tables can let PostgreSQL keep empty ones.
"""

from __future__ import annotations

from django.db import connections
from django.db.models import CharField, F, Func, Q

from audit.integrity.signed.facts import Unreadable
from audit.integrity.signed.rows import Records
from audit.models import UserStateAudit

NOWHERE = Q(user=None) | Q(sequence=None)


def in_place(records: Records) -> Records:
    """Select the records whose user and sequence have the types of their columns."""
    if connections[records.db].vendor != "sqlite":
        return records.exclude(NOWHERE)
    return _typed(records).filter(**_right_types(records.db))


def out_of_place(using: str) -> list[Unreadable]:
    """Return the other records."""
    records = UserStateAudit.objects.using(using)
    is_typed = connections[using].vendor != "sqlite"
    found = records.filter(NOWHERE) if is_typed else _typed(records).exclude(**_right_types(using))
    quote = "quote_nullable" if is_typed else "quote"
    shown = found.annotate(user_text=_text("user_id", quote), sequence_text=_text("sequence", quote))
    why = "its place is user {}, sequence {}"
    return [
        Unreadable(user, "", 0, why.format(user, sequence), key)
        for key, user, sequence in shown.values_list("pk", "user_text", "sequence_text")
    ]


def _typed(records: Records) -> Records:
    return records.alias(user_type=_type("user_id"), sequence_type=_type("sequence"))


def _right_types(using: str) -> dict[str, str]:
    # By the column's type in the database, because the key may be that of another model, from which the user model
    # inherits.
    kind = str(UserStateAudit._meta.get_field("user").db_type(connections[using])).lower()
    known = "integer" if "int" in kind else "text" if "char" in kind or "text" in kind else None
    return {"sequence_type": "integer"} | ({"user_type": known} if known else {})


def _type(column: str) -> Func:
    return Func(F(column), function="typeof", output_field=CharField())


def _text(column: str, quote: str) -> Func:
    return Func(F(column), function=quote, output_field=CharField())

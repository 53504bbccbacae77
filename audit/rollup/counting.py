"""The counts of the dashboard, for its pages, for the kept numbers, and for their verification."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count, Func, IntegerField, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.db.models.sql.compiler import SQLCompiler

from audit.models.querysets import IS_LOCKOUT, UserStateAuditQuerySet
from users.states import State

DAYS = 30
"""The period of the dashboard in days, including today."""

LARGEST = 999_999_999
"""The largest number that is counted. The sum of many must stay a number."""


class FailedLogins(Func):
    """
    The number of failed logins of a lockout; 0 if the details have no such number.

    Details may contain anything, and a plain cast would make the database refuse the whole query.
    """

    output_field = IntegerField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template="CASE WHEN typeof(%(expressions)s) <> 'text' OR NOT json_valid(%(expressions)s) THEN 0 "
            "WHEN json_type(%(expressions)s, '$.count') <> 'integer' THEN 0 "
            f"WHEN json_extract(%(expressions)s, '$.count') BETWEEN 0 AND {LARGEST} "
            "THEN json_extract(%(expressions)s, '$.count') ELSE 0 END",
        )

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template="CASE WHEN %(expressions)s ->> 'count' ~ '^[0-9]{1,9}$' "
            "THEN (%(expressions)s ->> 'count')::integer ELSE 0 END",
        )


def changes(records: UserStateAuditQuerySet) -> QuerySet[Any, Any]:
    """Return day, source, transition, the number of changes and that of lockouts. Days are of the current time zone."""
    rows = records.values_list(TruncDate("datetime"), "start_state", "transition")
    return rows.annotate(number=Count("pk"), lockouts=Count("pk", filter=IS_LOCKOUT)).order_by()


def readable(records: UserStateAuditQuerySet) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of `changes` whose day can be read."""
    yield from (row for row in changes(records) if row[0] is not None)


def locks(records: UserStateAuditQuerySet) -> QuerySet[Any, Any]:
    """Return account and number of locks, by key, because names change."""
    return records.into(State.LOCKED).values_list("user_id").annotate(locks=Count("pk")).order_by()


def lockouts(records: UserStateAuditQuerySet) -> QuerySet[Any, Any]:
    """Return address, number of failed logins that led to lockouts, of lockouts, and of accounts."""
    found = records.lockouts().exclude(ip_address="").values_list("ip_address")
    return found.annotate(
        failed_logins=Sum(FailedLogins("details")),
        locks=Count("pk"),
        accounts=Count("user_id", distinct=True),
    ).order_by()

"""The counts of the dashboard, for its pages, for the numbers that are kept, and for their verification."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, TruncDate

from audit.models.querysets import IS_LOCKOUT, UserStateAuditQuerySet
from users.states import State

DAYS = 30
"""The period of the dashboard in days, including today."""

FAILED_LOGINS = Cast(KT("details__count"), IntegerField())
"""The number of failed logins of a lockout."""


def changes(records: UserStateAuditQuerySet) -> QuerySet[Any, Any]:
    """Return day, source, transition, the number of changes and that of lockouts. Days are of the current time zone."""
    rows = records.values_list(TruncDate("datetime"), "start_state", "transition")
    return rows.annotate(number=Count("pk"), lockouts=Count("pk", filter=IS_LOCKOUT)).order_by()


def locks(records: UserStateAuditQuerySet) -> QuerySet[Any, Any]:
    """Return account and number of locks, by key, because names change."""
    return records.into(State.LOCKED).values_list("user_id").annotate(locks=Count("pk")).order_by()


def lockouts(records: UserStateAuditQuerySet) -> QuerySet[Any, Any]:
    """Return address, number of failed logins that led to lockouts, of lockouts, and of accounts."""
    found = records.lockouts().exclude(ip_address="").values_list("ip_address")
    return found.annotate(
        failed_logins=Coalesce(Sum(FAILED_LOGINS), 0),
        locks=Count("pk"),
        accounts=Count("user_id", distinct=True),
    ).order_by()

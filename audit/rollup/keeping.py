"""Keeps the numbers of past days: counts them, checks whether they are still right, and deletes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from django.db import connections, models, router, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from audit.exceptions import StillOpen
from audit.integrity.kept.settled import last_settled_key
from audit.models import AccountTally, AddressTally, CountedPeriod, UserStateAudit
from audit.models.querysets import UserStateAuditQuerySet
from audit.rollup import counting
from audit.rollup.counting import DAYS
from users.database import local_time
from users.signals import Done

MARGIN = timedelta(minutes=10)
"""How long after its end a day is counted, because the clocks of servers differ."""

ACCOUNTS = ("user_id", "locks")
ADDRESSES = ("ip_address", "failed_logins", "locks", "accounts")
"""The columns of `counting.locks` and `counting.lockouts`."""

WAIT = timedelta(seconds=5)
"""How long to wait for transactions that may still write a record of the last day."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days that can be counted now, in the current time zone."""

    first: date
    end: date
    zone: str

    @classmethod
    def now(cls) -> Self:
        """Return the days of the dashboard that are over."""
        over = local_time.local(timezone.now() - MARGIN).date()
        return cls(first_day(), over, timezone.get_current_timezone_name())

    def periods(self, using: str) -> QuerySet[CountedPeriod]:
        """Return the period of exactly these days, if they were counted."""
        kept = CountedPeriod.objects.using(using)
        return kept.filter(first_day=self.first, end_day=self.end, time_zone=self.zone)


def first_day() -> date:
    """Return the first day of the dashboard."""
    return local_time.today() - timedelta(days=DAYS - 1)


def current(using: str) -> CountedPeriod | None:
    """Return the counted period that begins with the first day of the dashboard, in the current time zone."""
    kept = CountedPeriod.objects.using(using).filter(
        first_day=first_day(), end_day__lte=local_time.today(), time_zone=timezone.get_current_timezone_name()
    )
    period = kept.order_by("end_day").last()
    return period if period is not None and _is_readable(period) else None


def keep(*, using: str | None = None, wait: timedelta = WAIT) -> CountedPeriod | None:
    """
    Count the days that are over, unless that was done. Return the new period, or None if there was nothing to count.

    Safe twice at once. Raises `StillOpen` if transactions that write records do not end within `wait`.
    """
    using = using or router.db_for_write(UserStateAudit)
    days = Days.now()
    if _is_counted(days, using):
        return None
    # Transactions that write from now on take a time after those days.
    last_id = last_settled_key(using=using, wait=wait)
    with _alone(using):
        if _is_counted(days, using):
            return None
        CountedPeriod.objects.using(using).all().delete()
        return _count(days, last_id, using)


def run_due() -> Done:
    """Run `keep`, and report it. If a transaction writes for long, the next run counts."""
    try:
        period = keep(wait=WAIT)
    except StillOpen as error:
        return Done("dashboard", f"dashboard: not counted: {error}", {"counted": 0})
    days = (period.end_day - period.first_day).days if period else 0
    return Done("dashboard", f"dashboard: {days} days counted", {"counted": days})


def forget(using: str) -> None:
    """
    Delete the numbers. To be called in the transaction that changes or deletes records, before it does so.

    Nobody can count until that transaction ends.
    """
    with _alone(using):
        CountedPeriod.objects.using(using).all().delete()


def records_of(period: CountedPeriod) -> UserStateAuditQuerySet:
    """Return the records of these days. The current time zone must be that of the period."""
    return UserStateAudit.objects.using(period._state.db).between(period.start, period.end)


def accounts_of(period: CountedPeriod) -> QuerySet[Any, Any]:
    """Return the kept result of `counting.locks`."""
    return AccountTally.objects.using(period._state.db).filter(period=period).values_list(*ACCOUNTS)


def addresses_of(period: CountedPeriod) -> QuerySet[Any, Any]:
    """Return the kept result of `counting.lockouts`."""
    return AddressTally.objects.using(period._state.db).filter(period=period).values_list(*ADDRESSES)


def _is_readable(period: CountedPeriod) -> bool:
    try:
        list(period.rows())
    except ValueError:
        return False
    return True


def _is_counted(days: Days, using: str) -> bool:
    period = days.periods(using).first()
    if period is None or not _is_readable(period):
        return False
    late = Count("pk", filter=Q(datetime__gte=period.start, datetime__lt=period.end))
    # By key, which are few. PostgreSQL would look for `exists` by time.
    later = UserStateAudit.objects.using(using).filter(pk__gt=period.last_id)
    return not later.aggregate(late=late)["late"]


def _count(days: Days, last_id: int, using: str) -> CountedPeriod:
    period = CountedPeriod(first_day=days.first, end_day=days.end, time_zone=days.zone, last_id=last_id)
    period._state.db = using
    records = records_of(period)
    period.changes = [[day.isoformat(), *others] for day, *others in counting.readable(records)]
    period.save(using=using)
    _insert(AccountTally, ACCOUNTS, counting.locks(records), period)
    _insert(AddressTally, ADDRESSES, counting.lockouts(records), period)
    return period


def _insert(
    model: type[models.Model], fields: tuple[str, ...], rows: QuerySet[Any, Any], period: CountedPeriod
) -> None:
    """Insert the rows of a query inside the database: there may be hundreds of thousands."""
    connection = connections[str(period._state.db)]
    columns = ", ".join(map(connection.ops.quote_name, (*fields, "period_id")))
    select, params = rows.query.get_compiler(connection.alias).as_sql()
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT counted.*, %s FROM ({select}) counted",  # noqa: S608 - Django's own
            [period.pk, *params],
        )


@contextmanager
def _alone(using: str) -> Iterator[None]:
    """Open a transaction during which nobody else counts or forgets. SQLite has one writer at a time."""
    with transaction.atomic(using=using):
        if connections[using].vendor == "postgresql":
            table = connections[using].ops.quote_name(CountedPeriod._meta.db_table)
            with connections[using].cursor() as cursor:
                cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        yield

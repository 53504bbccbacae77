"""The numbers on the dashboard. Each takes a few queries, however many accounts and records there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import nsmallest
from itertools import chain
from typing import Any, Self

from django.db import router
from django.db.models import Count, Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from audit.administration.periods import start_of
from audit.models import CountedPeriod, UserStateAudit
from audit.models.querysets import UserStateAuditQuerySet
from audit.rollup import counting, keeping
from audit.rollup.counting import DAYS
from users.database import local_time
from users.models import UserFSM
from users.states import State

LENGTH = 10
"""The length of a ranking."""

BATCH = 5000
"""The keys in one query."""

DEATH = "delete"
"""The transition in the record of a death."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes in the last `DAYS` days."""

    flow: Mapping[tuple[str, str], int]
    """The number of changes by source state and transition."""

    a_day: Mapping[date, int]
    """The number of changes on each day, oldest first. Days without changes are included."""

    lockouts_a_day: Mapping[date, int]
    """The number of lockouts on each day."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An account or an address in a ranking, with its numbers."""

    key: Any
    name: str
    locks: int
    accounts: int = 1
    failed_logins: int = 0


@dataclass(frozen=True, slots=True)
class Recent:
    """The last `DAYS` days of the record: the days that were counted before, if any, and the rest."""

    using: str
    period: CountedPeriod | None

    @classmethod
    def read(cls, using: str | None = None) -> Self:
        """Look for counted days."""
        using = using or router.db_for_read(UserStateAudit)
        return cls(using, keeping.current(using))

    def all(self) -> UserStateAuditQuerySet:
        """Return all records of these days."""
        return self._since(start_of(DAYS))

    def uncounted(self) -> UserStateAuditQuerySet:
        """Return the records that no counted day contains."""
        return self._since(self.period.end) if self.period else self.all()

    def accounts(self) -> QuerySet[Any, Any] | None:
        """Return accounts with their number of locks in the counted days."""
        return keeping.accounts_of(self.period) if self.period else None

    def addresses(self) -> QuerySet[Any, Any] | None:
        """Return the columns of `counting.lockouts` for the counted days."""
        return keeping.addresses_of(self.period) if self.period else None

    def _since(self, start: datetime) -> UserStateAuditQuerySet:
        # It has an end, because a day beyond the calendar could not be read.
        return UserStateAudit.objects.using(self.using).between(start, timezone.now() + timedelta(days=1))


def people(using: str | None = None) -> dict[str, int]:
    """Return the number of accounts in each state."""
    counted = UserFSM.objects.using(using).values_list("current_state").annotate(number=Count("pk")).order_by()
    return dict.fromkeys(State.values, 0) | dict(counted)


def changes(recent: Recent | None = None) -> Changes:
    """Return the recent changes, counted by the database by day, source and transition, and added up here."""
    recent = recent or Recent.read()
    flow: Counter[tuple[str, str]] = Counter()
    a_day, lockouts_a_day = _days(), _days()
    counted = recent.period.rows() if recent.period else ()
    for day, source, transition, number, lockouts in chain(counted, counting.changes(recent.uncounted())):
        if source and transition != DEATH:  # the arrows are transitions
            flow[source, transition] += number
        if day in a_day:  # midnight may have passed in the meantime, or another server's clock may be ahead
            a_day[day] += number
            lockouts_a_day[day] += lockouts
    return Changes(flow, a_day, lockouts_a_day)


def locked_most_often(recent: Recent | None = None) -> list[Ranked]:
    """Return the accounts that were locked most often, by anybody, grouped by key because names change."""
    recent = recent or Recent.read()
    since = counting.locks(recent.uncounted())
    locks = {key: number for key, (number,) in _added_up(since, recent.accounts(), "locks").items()}
    top = nsmallest(LENGTH, locks, key=lambda key: (-locks[key], key))
    named = counting.locks(recent.all().filter(user_id__in=top)).annotate(name=Max("username"))
    names = dict(named.values_list("user_id", "name"))
    return [Ranked(key, names.get(key, str(key)), locks[key]) for key in top]


def addresses_with_most_failed_logins(recent: Recent | None = None) -> list[Ranked]:
    """Return the addresses that sent the last guess before a lockout, with the number of all guesses that led to it."""
    recent = recent or Recent.read()
    added_up = _added_up(counting.lockouts(recent.uncounted()), recent.addresses(), "failed_logins")
    top = nsmallest(LENGTH, added_up, key=lambda key: (-added_up[key][0], key))
    twice = _counted_twice(recent, top)
    return [
        Ranked(address, address, locks=locks, accounts=accounts - twice.get(address, 0), failed_logins=failed_logins)
        for address, (failed_logins, locks, accounts) in ((key, added_up[key]) for key in top)
    ]


def expired_invitations(using: str | None = None) -> int:
    """Return the number of people whose invitation has expired."""
    return UserFSM.objects.using(using).with_expired_invitation(timezone.now()).count()


def _added_up(since: QuerySet[Any, Any], tallies: QuerySet[Any, Any] | None, rank: str) -> dict[Any, tuple[int, ...]]:
    """
    Return the numbers by key (the first column), for the keys that can be among the first by `rank`.

    These are the first ones of the counted days, and all that have appeared since.
    """
    if tallies is None:
        return {key: tuple(numbers) for key, *numbers in _first(since, rank)}
    fresh = {key: tuple(numbers) for key, *numbers in since}
    added_up = {key: tuple(numbers) for key, *numbers in chain(_first(tallies, rank), _of(tallies, fresh))}
    for key, numbers in fresh.items():
        added_up[key] = tuple(map(sum, zip(numbers, added_up[key], strict=True))) if key in added_up else numbers
    return added_up


def _first(rows: QuerySet[Any, Any], rank: str) -> QuerySet[Any, Any]:
    return rows.order_by(f"-{rank}", _key(rows))[:LENGTH]


def _of(tallies: QuerySet[Any, Any], keys: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    every = list(keys)
    for start in range(0, len(every), BATCH):
        yield from tallies.filter(**{f"{_key(tallies)}__in": every[start : start + BATCH]})


def _key(rows: QuerySet[Any, Any]) -> str:
    return str(rows.query.values_select[0])


def _counted_twice(recent: Recent, addresses: list[str]) -> dict[str, int]:
    """Return, by address, how many accounts had a lockout from it both in the counted days and since."""
    if recent.period is None:
        return {}
    before = (
        keeping.records_of(recent.period).lockouts().filter(user=OuterRef("user"), ip_address=OuterRef("ip_address"))
    )
    both = recent.uncounted().lockouts().filter(Exists(before), ip_address__in=addresses)
    return dict(both.values_list("ip_address").annotate(Count("user_id", distinct=True)).order_by())


def _days() -> dict[date, int]:
    today = local_time.today()
    return {today - timedelta(days=ago): 0 for ago in range(DAYS - 1, -1, -1)}

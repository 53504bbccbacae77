"""The numbers on the dashboard. Each takes one query, however many accounts and records there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, IntegerField, Max, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone

from audit.administration.periods import start_of
from audit.models import UserStateAudit
from audit.querysets import IS_LOCKOUT, UserStateAuditQuerySet
from users import local_time
from users.models import UserFSM
from users.states import State

DAYS = 30
"""The period of the dashboard in days, including today."""

LENGTH = 10
"""The length of a ranking."""

FAILED_LOGINS = Cast(KT("details__count"), IntegerField())
"""The number of failed logins of a lockout."""


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


def people(using: str | None = None) -> dict[str, int]:
    """Return the number of accounts in each state."""
    counted = UserFSM.objects.using(using).values_list("current_state").annotate(number=Count("pk")).order_by()
    return dict.fromkeys(State.values, 0) | dict(counted)


def changes(using: str | None = None) -> Changes:
    """Return the recent changes, counted by the database by day, source and transition, and added up here."""
    rows = (
        _recent(using)
        .values_list(TruncDate("datetime"), "start_state", "transition")
        .annotate(number=Count("pk"), lockouts=Count("pk", filter=IS_LOCKOUT))
        .order_by()
    )
    flow: Counter[tuple[str, str]] = Counter()
    a_day, lockouts_a_day = _days(), _days()
    for day, source, transition, number, lockouts in rows:
        if source and transition != DEATH:  # the arrows are transitions
            flow[source, transition] += number
        if day in a_day:  # midnight may have passed in the meantime, or another server's clock may be ahead
            a_day[day] += number
            lockouts_a_day[day] += lockouts
    return Changes(flow, a_day, lockouts_a_day)


def locked_most_often(using: str | None = None) -> list[Ranked]:
    """Return the accounts that were locked most often, by anybody, grouped by key because names change."""
    locks = _recent(using).into(State.LOCKED).values_list("user_id")
    ranked = locks.annotate(Max("username"), number=Count("pk")).order_by("-number", "user_id")[:LENGTH]
    return [Ranked(key, name, number) for key, name, number in ranked]


def addresses_with_most_failed_logins(using: str | None = None) -> list[Ranked]:
    """Return the addresses that sent the last guess before a lockout, with the number of all guesses that led to it."""
    lockouts = _recent(using).lockouts().exclude(ip_address="").values_list("ip_address")
    counted = lockouts.annotate(
        locks=Count("pk"), accounts=Count("user_id", distinct=True), failed_logins=Sum(FAILED_LOGINS)
    )
    ranked = counted.order_by("-failed_logins", "ip_address")[:LENGTH]
    return [Ranked(address, address, *numbers) for address, *numbers in ranked]


def expired_invitations(using: str | None = None) -> int:
    """Return the number of people whose invitation has expired."""
    return UserFSM.objects.using(using).with_expired_invitation(timezone.now()).count()


def _recent(using: str | None) -> UserStateAuditQuerySet:
    # With an end: a day beyond the calendar could not be read.
    return UserStateAudit.objects.using(using).between(start_of(DAYS), timezone.now() + timedelta(days=1))


def _days() -> dict[date, int]:
    today = local_time.today()
    return {today - timedelta(days=ago): 0 for ago in range(DAYS - 1, -1, -1)}

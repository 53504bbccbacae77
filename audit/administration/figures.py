"""The numbers of the dashboard. Each is one query, however many accounts and records there are."""

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
from users.models import UserFSM
from users.states import State

DAYS = 30
"""What the dashboard calls the last month, today included."""

LENGTH = 10
"""Of a ranking."""

FAILED_LOGINS = Cast(KT("details__count"), IntegerField())
"""How many failed logins a lockout was for."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened in the last `DAYS` days."""

    flow: Mapping[tuple[str, str], int]
    """How many made each transition, by source and name."""

    a_day: Mapping[date, int]
    """How many changes each day saw; every day is there, the oldest first."""

    lockouts_a_day: Mapping[date, int]
    """How many of them were locks after failed logins."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An account or an address, and what it is listed for."""

    key: Any
    name: str
    locks: int
    accounts: int = 1
    failed_logins: int = 0


def people() -> dict[str, int]:
    """How many accounts are in each state."""
    counted = UserFSM.objects.values_list("current_state").annotate(number=Count("pk")).order_by()
    return dict.fromkeys(State.values, 0) | dict(counted)


def changes() -> Changes:
    """Changes by day, source and transition, counted in the database and added up here."""
    rows = (
        _recent()
        .transitions()
        .values_list(TruncDate("datetime"), "start_state", "transition")
        .annotate(number=Count("pk"), lockouts=Count("pk", filter=IS_LOCKOUT))
        .order_by()
    )
    flow: Counter[tuple[str, str]] = Counter()
    a_day, lockouts_a_day = _days(), _days()
    for day, source, transition, number, lockouts in rows:
        flow[source, transition] += number
        if day in a_day:  # or midnight has passed meanwhile, or a faster clock wrote it
            a_day[day] += number
            lockouts_a_day[day] += lockouts
    return Changes(flow, a_day, lockouts_a_day)


def locked_most_often() -> list[Ranked]:
    """The accounts that were locked most often, by whomever; an account is known by its key, for names change."""
    locks = _recent().into(State.LOCKED).values_list("user_id")
    ranked = locks.annotate(Max("username"), number=Count("pk")).order_by("-number", "user_id")[:LENGTH]
    return [Ranked(key, name, number) for key, name, number in ranked]


def addresses_with_most_failed_logins() -> list[Ranked]:
    """The addresses from which the last guess before a lockout came, with all the guesses that led to it."""
    lockouts = _recent().lockouts().exclude(ip_address="").values_list("ip_address")
    counted = lockouts.annotate(
        locks=Count("pk"), accounts=Count("user_id", distinct=True), failed_logins=Sum(FAILED_LOGINS)
    )
    ranked = counted.order_by("-failed_logins", "ip_address")[:LENGTH]
    return [Ranked(address, address, *numbers) for address, *numbers in ranked]


def expired_invitations() -> int:
    """How many people hold an invitation that is no longer good."""
    return UserFSM.objects.with_expired_invitation(timezone.now()).count()


def _recent() -> UserStateAuditQuerySet:
    return UserStateAudit.objects.filter(datetime__gte=start_of(DAYS))


def _days() -> dict[date, int]:
    today = timezone.localdate()
    return {today - timedelta(days=ago): 0 for ago in range(DAYS - 1, -1, -1)}

"""
Dormant accounts: whoever has not logged in for long is warned by mail, and deactivated some time after.

PCI DSS 4.0.1, 8.2.6: inactive accounts are removed or disabled within 90 days of inactivity. A warning that no login
followed is what deactivates, so a late or first run warns before it shuts anybody out, and a login cancels.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import router, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from users import conf, mail, superusers
from users.actors import SYSTEM
from users.causes import Cause
from users.models import UserFSM
from users.querysets import UserFSMQuerySet
from users.states import State

logger = logging.getLogger("users.dormancy")


@dataclass(slots=True)
class DormancyRun:
    """What a run did."""

    warned: int = 0
    deactivated: int = 0
    not_sent: int = 0
    """How many could not be warned, because their mail could not be sent; the next run tries again."""


def dormant(after: timedelta, now: datetime) -> UserFSMQuerySet:
    """
    Active accounts without a login for this long, at this moment.

    Who has never logged in counts from when the account was made. Superusers and the groups `USERS_PROTECTED_GROUP`
    and `USERS_NEVER_DORMANT_GROUP` are left out.
    """
    using = router.db_for_write(UserFSM)
    accounts = UserFSM.objects.using(using).in_state(State.ACTIVE).exclude(superusers.accounts_of(using))
    accounts = accounts.exclude(user__groups__name=conf.never_dormant_group())
    return accounts.alias(last_seen=Coalesce("user__last_login", "user__date_joined")).filter(
        last_seen__lte=now - after
    )


def to_warn(after: timedelta, warn: timedelta, now: datetime) -> UserFSMQuerySet:
    """Dormant accounts that will be deactivated in `warn` or sooner, and whose people have not been told since."""
    not_told = Q(dormancy_warned_at=None) | Q(dormancy_warned_at__lt=F("last_seen"))
    return dormant(after - warn, now).filter(not_told)


def to_deactivate(after: timedelta, warn: timedelta, now: datetime) -> UserFSMQuerySet:
    """Dormant accounts whose people were told `warn` ago and have not logged in since."""
    return dormant(after, now).filter(dormancy_warned_at__gte=F("last_seen"), dormancy_warned_at__lte=now - warn)


def run(after: timedelta, warn: timedelta) -> DormancyRun:
    """
    Warn, and deactivate as the system; return what was done. Called again, it does nothing that was done before.

    `after`: time without a login until an account is dormant; `warn`: how long before the person is told, less than
    `after`.
    """
    outcome, now = DormancyRun(), timezone.now()
    outcome.deactivated = _deactivate(after, warn, now)
    _forget_warnings_of_the_shut()
    for fsm in to_warn(after, warn, now).select_related("user").order_by("pk").iterator():
        _warn(fsm, now, warn, outcome)
    return outcome


def _forget_warnings_of_the_shut() -> None:
    """Who comes back later is warned anew."""
    shut = UserFSM._base_manager.using(router.db_for_write(UserFSM)).exclude(current_state=State.ACTIVE)
    shut.exclude(dormancy_warned_at=None).update(dormancy_warned_at=None)


def _deactivate(after: timedelta, warn: timedelta, now: datetime) -> int:
    changed = 0
    while changed_now := _deactivate_batch(after, warn, now):
        changed += changed_now
    return changed


def _deactivate_batch(after: timedelta, warn: timedelta, now: datetime) -> int:
    """Asked again under the lock, for a login that came while this waited for it."""
    with transaction.atomic(using=router.db_for_write(UserFSM)):
        due = to_deactivate(after, warn, now).select_for_update(of=("self",)).order_by("pk")
        pks = list(due.values_list("pk", flat=True)[: conf.bulk_batch_size()])
        still_due = to_deactivate(after, warn, now).filter(pk__in=pks)
        words: dict[str, Any] = {"cause": Cause.DORMANT, "details": {"days": after.days}}
        return still_due.bulk_transition(
            "deactivate", by=SYSTEM, description=f"no login for {after.days} days", **words
        ).changed


def _warn(fsm: UserFSM, now: datetime, warn: timedelta, outcome: DormancyRun) -> None:
    row = UserFSM._base_manager.using(fsm.database).filter(pk=fsm.pk)
    # Claimed before it is sent: of two runs at the same time one sends.
    if not row.filter(_told_at(fsm.dormancy_warned_at)).update(dormancy_warned_at=now):
        return
    outcome.warned += 1
    if not mail.address_of(fsm.user):
        return
    context = {"deactivated_at": now + warn, "login": conf.site_url() + reverse("login")}
    try:
        mail.compose("dormant", fsm.user, context).send()
    except OSError:  # smtplib's errors are OSErrors
        logger.exception("could not warn %r", fsm.user.get_username())
        row.update(dormancy_warned_at=fsm.dormancy_warned_at)
        outcome.warned -= 1
        outcome.not_sent += 1


def _told_at(moment: datetime | None) -> Q:
    return Q(dormancy_warned_at__isnull=True) if moment is None else Q(dormancy_warned_at=moment)

"""
The lockout: the wrong password that reaches the limit locks the account for a while.

The password is checked outside any transaction. One conditional statement then commits the outcome, so outcomes have
one order even if many arrive in parallel. A wrong password counts only while the account is active and below the limit.
A right one is accepted only if that still holds at that moment. So the wrong password that reaches the limit closes the
account in the statement that counts it. The lock that follows is a transition like any other. docs/lockout.md names the
standards behind this.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Concat, Length
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from users import conf, lifecycle
from users.actors import SYSTEM
from users.causes import Cause
from users.login.outcomes import committed, committed_in_any_case
from users.models import UserFSM
from users.states import State

ESCALATION_PERIOD = timedelta(days=1)
"""An automatic lock within this time after the previous one lasts longer."""

ADDRESSES_LENGTH = UserFSM._meta.get_field("failed_login_addresses").max_length or 0


def is_open(fsm: UserFSM) -> bool:
    """Whether to check a password for this account. First lifts an expired lock, or completes one after a crash."""
    if fsm.lock_has_expired:
        committed(partial(lift_expired_lock, fsm), using=fsm.database)
    if fsm.current_state == State.ACTIVE and _is_full(fsm):
        # The attempt that reached the limit is about to lock the account, unless its process has ended.
        committed(partial(_lock_if_full, fsm), using=fsm.database)
        return False
    return bool(fsm.current_state == State.ACTIVE)


def admit(fsm: UserFSM, *, provided: Q | None = None) -> bool:
    """
    Commit a right password. Return whether the person may log in.

    The account must be active and below the limit, and the condition `provided` must hold, all in the same statement.
    """
    return committed(partial(_admit, fsm, provided or Q()), using=fsm.database)


def count_failure(fsm: UserFSM, *, address: str = "") -> None:
    """Commit a wrong password from this address: count it, and lock the account if it reaches the limit."""
    committed_in_any_case(partial(_count_failure, fsm, address), using=fsm.database)


def lift_expired_lock(fsm: UserFSM) -> bool:
    """Unlock an account whose lock has expired, as the system. Return whether this call did it."""
    using = fsm.database
    with transaction.atomic(using=using):
        # Checked under the row lock: somebody may have lifted the lock or made it indefinite.
        found = UserFSM._base_manager.using(using).select_for_update().filter(pk=fsm.pk).first()
        if found is None:
            return False
        if not found.lock_has_expired:
            fsm.catch_up(found)
            return False
        fsm.unlock(by=SYSTEM, description="lock expired", cause=Cause.LOCK_EXPIRED)
        return True


def _admit(fsm: UserFSM, provided: Q) -> bool:
    limit = conf.lockout_failure_limit()
    # In two steps as in `_count_failure`: in a burst, with one step it would overtake the wrong ones that take two.
    return (not _may_be_the_last(fsm, limit) and _forgive(fsm, limit - 1, provided)) or _forgive(fsm, limit, provided)


def _count_failure(fsm: UserFSM, address: str) -> None:
    limit = conf.lockout_failure_limit()
    if not _may_be_the_last(fsm, limit) and _count(fsm, limit - 1, address):
        return
    if _count(fsm, limit, address):
        _lock_if_full(fsm)


def _may_be_the_last(fsm: UserFSM, limit: int) -> bool:
    """Whether, as the account was read, the next failure fills the count: then the first step would find nothing."""
    return limit == 1 or (fsm.failed_logins >= limit - 1 and _is_recent(fsm))


def _active(fsm: UserFSM) -> QuerySet[UserFSM]:
    return UserFSM._base_manager.using(fsm.database).filter(pk=fsm.pk, current_state=State.ACTIVE)


def _begins_anew() -> Q:
    """Selects accounts where the next failure starts a new count."""
    window = conf.lockout_window()
    if window is None:
        return Q(failed_logins=0)
    return Q(failed_logins=0) | Q(last_failed_login__lt=timezone.now() - window)


def _is_full(fsm: UserFSM) -> bool:
    return _is_recent(fsm) and fsm.failed_logins >= conf.lockout_failure_limit()


def _is_recent(fsm: UserFSM) -> bool:
    window = conf.lockout_window()
    return window is None or (fsm.last_failed_login is not None and fsm.last_failed_login >= timezone.now() - window)


def _with_room(fsm: UserFSM, limit: int) -> QuerySet[UserFSM]:
    """Select the row if the account is active and has fewer failures than the limit."""
    return _active(fsm).filter(_begins_anew() | Q(failed_logins__lt=limit))


def _forgive(fsm: UserFSM, limit: int, provided: Q) -> bool:
    """Reset the count after a right password, unless the account is closed, has reached the limit, or may not."""
    # Failures during this login remain counted.
    unseen = Q(failed_logins__gt=fsm.failed_logins)
    forgiven = (
        _with_room(fsm, limit)
        .filter(provided)
        .update(
            failed_logins=Case(When(unseen, then=F("failed_logins") - fsm.failed_logins), default=Value(0)),
            failed_login_addresses=Case(When(unseen, then=F("failed_login_addresses")), default=Value("")),
        )
    )
    return bool(forgiven)


def _count(fsm: UserFSM, limit: int, address: str) -> bool:
    """Count a wrong password, unless the account is closed or has reached the limit."""
    begins = _begins_anew()
    counted = _with_room(fsm, limit).update(
        failed_logins=Case(When(begins, then=Value(1)), default=F("failed_logins") + 1),
        last_failed_login=timezone.now(),
        failed_login_addresses=_addresses_column(begins, address),
        failed_logins_untold=F("failed_logins_untold") + 1,
    )
    return bool(counted)


def _addresses_column(begins: Q, address: str) -> Case:
    """The addresses of the counted attempts: each once, with a space on either side, as many as fit."""
    if not address:
        return Case(When(begins, then=Value("")), default=F("failed_login_addresses"))
    full = GreaterThan(Length("failed_login_addresses"), ADDRESSES_LENGTH - len(address) - 1)
    known = Q(failed_login_addresses__contains=f" {address} ")
    return Case(
        When(begins | Q(failed_login_addresses=""), then=Value(f" {address} ")),
        When(known | Q(full), then=F("failed_login_addresses")),
        default=Concat(F("failed_login_addresses"), Value(f"{address} "), output_field=CharField()),
    )


def _lock_if_full(fsm: UserFSM) -> None:
    """Lock the account, unless it has been locked in the meantime."""
    lifecycle.perform_if(fsm, "lock", partial(_lock_of, fsm))


def _lock_of(fsm: UserFSM) -> dict[str, Any] | None:
    """Return the keywords of the lock, decided under the row lock, or None if the account should not be locked."""
    if fsm.current_state != State.ACTIVE or not _is_full(fsm):
        return None
    now = timezone.now()
    recent = fsm.last_automatic_lock is not None and now - fsm.last_automatic_lock < ESCALATION_PERIOD
    fsm.automatic_locks = fsm.automatic_locks + 1 if recent else 1
    fsm.last_automatic_lock = now
    durations = [conf.lockout_duration(), *conf.lockout_escalation()]
    return lifecycle.with_fit_words(
        {
            "by": None,
            "description": _description(fsm),
            "until": now + durations[min(fsm.automatic_locks, len(durations)) - 1],
            "cause": Cause.FAILED_LOGINS,
            "details": {"count": fsm.failed_logins, "addresses": fsm.addresses_of_failed_logins},
        }
    )


def _description(found: UserFSM) -> str:
    tries, addresses = found.failed_logins, found.addresses_of_failed_logins
    origin = f" from {', '.join(addresses)}" if addresses else ""
    return f"{tries} failed login{'' if tries == 1 else 's'}{origin}"

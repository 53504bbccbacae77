"""
Failed logins: an account is locked for a while by the wrong password that reaches the limit.

The password is checked outside any transaction, and then its outcome is committed in one conditional statement, so
that outcomes have one order, however many arrive in parallel: a wrong one counts only while the account is active and
under the limit, and a right one only if that still holds at that moment. So the wrong one that reaches the limit shuts
the door in the very statement that counts it; what follows, at leisure, is the lock, a transition like any other. See
docs/lockout.md for the rules that this follows.
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
"""An automatic lock that comes sooner than this after the one before lasts longer."""

ADDRESSES_LENGTH = UserFSM._meta.get_field("failed_login_addresses").max_length or 0


def is_open(fsm: UserFSM) -> bool:
    """Whether a password for this account is worth checking; what time or a crash has left to do is done first."""
    if fsm.lock_has_expired:
        committed(partial(lift_expired_lock, fsm), using=fsm.database)
    if fsm.current_state == State.ACTIVE and _is_full(fsm):
        # Whoever filled the count locks in the next moment, or would have: their process may have ended in between.
        committed(partial(_lock_if_full, fsm), using=fsm.database)
        return False
    return bool(fsm.current_state == State.ACTIVE)


def admit(fsm: UserFSM) -> bool:
    """Commit a right password; return whether the person may log in: only if the account is active and not full."""
    return committed(partial(_admit, fsm), using=fsm.database)


def count_failure(fsm: UserFSM, *, address: str = "") -> None:
    """Commit a wrong password sent from this address: count it, and lock the account with the one that fills it."""
    committed_in_any_case(partial(_count_failure, fsm, address), using=fsm.database)


def lift_expired_lock(fsm: UserFSM) -> bool:
    """Unlock an account whose lock has ended, as the system; return whether it was this call that did it."""
    using = fsm.database
    with transaction.atomic(using=using):
        # Asked under the lock: somebody may have lifted it, or an administrator have made it a lock without end.
        found = UserFSM._base_manager.using(using).select_for_update().filter(pk=fsm.pk).first()
        if found is None:
            return False
        if not found.lock_has_expired:
            fsm.take_over(found)
            return False
        fsm.unlock(by=SYSTEM, description="lock expired", cause=Cause.LOCK_EXPIRED)
        return True


def _admit(fsm: UserFSM) -> bool:
    limit = conf.lockout_failure_limit()
    # In two steps as in `_count_failure`: in a burst, with one step it would overtake the wrong ones that take two.
    return (limit > 1 and _forgive(fsm, limit - 1)) or _forgive(fsm, limit)


def _count_failure(fsm: UserFSM, address: str) -> None:
    limit = conf.lockout_failure_limit()
    if limit > 1 and _count(fsm, limit - 1, address):
        return
    if _count(fsm, limit, address):
        _lock_if_full(fsm)


def _active(fsm: UserFSM) -> QuerySet[UserFSM]:
    return UserFSM._base_manager.using(fsm.database).filter(pk=fsm.pk, current_state=State.ACTIVE)


def _begins_anew() -> Q:
    """Accounts where the next failure is the first of a new count."""
    window = conf.lockout_window()
    if window is None:
        return Q(failed_logins=0)
    return Q(failed_logins=0) | Q(last_failed_login__lt=timezone.now() - window)


def _is_full(fsm: UserFSM) -> bool:
    window = conf.lockout_window()
    recent = window is None or (fsm.last_failed_login is not None and fsm.last_failed_login >= timezone.now() - window)
    return recent and fsm.failed_logins >= conf.lockout_failure_limit()


def _with_room(fsm: UserFSM, limit: int) -> QuerySet[UserFSM]:
    """The row, if the account is active and has fewer failures than this."""
    return _active(fsm).filter(_begins_anew() | Q(failed_logins__lt=limit))


def _forgive(fsm: UserFSM, limit: int) -> bool:
    """Let a right password begin a new count, unless the account is shut or has this many failures already."""
    # Failures that this login has not seen were made beside it, and go on counting.
    unseen = Q(failed_logins__gt=fsm.failed_logins)
    forgiven = _with_room(fsm, limit).update(
        failed_logins=Case(When(unseen, then=F("failed_logins") - fsm.failed_logins), default=Value(0)),
        failed_login_addresses=Case(When(unseen, then=F("failed_login_addresses")), default=Value("")),
    )
    return bool(forgiven)


def _count(fsm: UserFSM, limit: int, address: str) -> bool:
    """Count a wrong password, unless the account is shut or has this many already."""
    begins = _begins_anew()
    counted = _with_room(fsm, limit).update(
        failed_logins=Case(When(begins, then=Value(1)), default=F("failed_logins") + 1),
        last_failed_login=timezone.now(),
        failed_login_addresses=_addresses_column(begins, address),
        failed_logins_untold=F("failed_logins_untold") + 1,
    )
    return bool(counted)


def _addresses_column(begins: Q, address: str) -> Case:
    """The addresses of the counted tries: each once, with a blank on either side, as many as the column holds."""
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
    """Lock the account, unless somebody has done so meanwhile."""
    with transaction.atomic(using=fsm.database):
        lifecycle.perform_if(fsm, "lock", partial(_lock_of, fsm))


def _lock_of(fsm: UserFSM) -> dict[str, Any] | None:
    """What the lock of this account says, decided under the lock of its row; None where it is not to be locked."""
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

"""
Failed logins: the outcome of each is committed in one order, and the one that reaches the limit locks.

THE ORDER OF OUTCOMES. The password is checked outside any transaction, so that hashing holds no lock. What came of it
is then committed in one conditional UPDATE: a wrong one counts only while the account is active and under the limit, a
right one only while it is active. Whatever arrives in parallel, no more than the limit gets an answer: a right password
behind the guess that locked is refused like a wrong one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from users import conf
from users.models import UserFSM
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

SYSTEM = "system"
"""Who acts when the project does something of its own accord."""


def admit(user: User) -> bool:
    """Commit a right password; return whether the person may log in, which is so only while the account is active."""
    _lift_if_expired(user.fsm)
    active = UserFSM._base_manager.using(user._state.db).filter(user=user, current_state=State.ACTIVE)
    return bool(active.update(failed_logins=0, failed_logins_since=None))


def count_failure(user: User) -> None:
    """Commit a wrong password: count it, or lock the account with the one that reaches the limit."""
    _lift_if_expired(user.fsm)
    if user.fsm.current_state != State.ACTIVE:
        return
    now = timezone.now()
    active = UserFSM._base_manager.using(user._state.db).filter(user=user, current_state=State.ACTIVE)
    older = Q(failed_logins_since=None) | Q(failed_logins_since__lt=now - conf.lockout_window())
    last_before_lock = conf.lockout_failure_limit() - 1
    counted = last_before_lock > 0 and active.filter(older | Q(failed_logins__lt=last_before_lock)).update(
        failed_logins=Case(When(older, then=Value(1)), default=F("failed_logins") + 1),
        failed_logins_since=Case(When(older, then=Value(now)), default=F("failed_logins_since")),
    )
    if not counted:
        _lock_at_limit(user.fsm)


def lift_expired_lock(fsm: UserFSM) -> bool:
    """Unlock an account whose lock has ended, as the system; return whether it was this call that did it."""
    using = fsm._state.db
    with transaction.atomic(using=using):
        expired = UserFSM.objects.using(using).with_expired_lock(timezone.now())
        # Asked under the lock: an administrator may have made it a lock without end.
        if not expired.select_for_update().filter(pk=fsm.pk):
            return False
        fsm.unlock(by=SYSTEM, description="lock expired")
        return True


def _lift_if_expired(fsm: UserFSM) -> None:
    if fsm.lock_has_expired:
        lift_expired_lock(fsm)


def _lock_at_limit(fsm: UserFSM) -> None:
    using = fsm._state.db
    with transaction.atomic(using=using):
        # Under the lock: of those that arrive together one locks, and the others find the account locked.
        found = UserFSM.objects.using(using).in_state(State.ACTIVE).select_for_update().filter(pk=fsm.pk).first()
        attempts = found.failed_logins + 1 if found else 0
        if attempts >= conf.lockout_failure_limit():
            fsm.lock(description=f"{attempts} failed logins", until=timezone.now() + conf.lockout_duration())

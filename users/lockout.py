"""
Failed logins: an account is locked for a while by the wrong password that reaches the limit.

The password is checked outside any transaction, and then its outcome is committed in one conditional statement, so
that outcomes have one order, however many arrive in parallel: a wrong one counts only while the account is active and
under the limit, the one that reaches the limit becomes the lock, and a right one counts only if the account is still
active at that moment. See docs/lockout.md for the rules that this follows.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Concat, Length
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from users import conf, lock_mail
from users.models import UserFSM
from users.states import State

SYSTEM = "system"
"""Who acts when the project does something of its own accord."""

ESCALATION_PERIOD = timedelta(days=1)
"""An automatic lock that comes sooner than this after the one before lasts longer."""

ADDRESSES_LENGTH = UserFSM._meta.get_field("failed_login_addresses").max_length or 0


def is_open(fsm: UserFSM) -> bool:
    """Whether a password for this account is worth checking; a lock that has ended is lifted first."""
    if fsm.lock_has_expired:
        lift_expired_lock(fsm)
    return bool(fsm.current_state == State.ACTIVE)


def admit(fsm: UserFSM) -> bool:
    """Commit a right password; return whether the person may log in, which is so only while the account is active."""
    # Failures that this login has not seen were made beside it, and go on counting.
    unseen = Q(failed_logins__gt=fsm.failed_logins)
    admitted = _active(fsm).update(
        failed_logins=Case(When(unseen, then=F("failed_logins") - fsm.failed_logins), default=Value(0)),
        failed_login_addresses=Case(When(unseen, then=F("failed_login_addresses")), default=Value("")),
    )
    return bool(admitted)


def count_failure(fsm: UserFSM, *, address: str = "") -> None:
    """Commit a wrong password sent from this address: count it, or lock the account with the one too many."""
    now = timezone.now()
    if _count(fsm, now, address):
        return
    with transaction.atomic(using=fsm._state.db):
        # Under the lock: of those that arrive together one locks, and the others find the account locked; a right
        # password that came between has made room to count again.
        found = _active(fsm).select_for_update().first()
        if found is not None and not _count(fsm, now, address):
            _lock(fsm, found, address)


def lift_expired_lock(fsm: UserFSM) -> bool:
    """Unlock an account whose lock has ended, as the system; return whether it was this call that did it."""
    using = fsm._state.db
    with transaction.atomic(using=using):
        # Asked under the lock: somebody may have lifted it, or an administrator have made it a lock without end.
        found = UserFSM._base_manager.using(using).select_for_update().filter(pk=fsm.pk).first()
        if found is None:
            return False
        if not found.lock_has_expired:
            fsm.take_over(found)
            return False
        fsm.unlock(by=SYSTEM, description="lock expired")
        return True


def _active(fsm: UserFSM) -> QuerySet[UserFSM]:
    return UserFSM._base_manager.using(fsm._state.db).filter(pk=fsm.pk, current_state=State.ACTIVE)


def _count(fsm: UserFSM, now: datetime, address: str) -> bool:
    """Count a wrong password, unless the account is shut or this is the one too many."""
    last_before_lock = conf.lockout_failure_limit() - 1
    if last_before_lock < 1:
        return False
    window = conf.lockout_window()
    begins = Q(failed_logins=0) if window is None else Q(failed_logins=0) | Q(last_failed_login__lt=now - window)
    counted = (
        _active(fsm)
        .filter(begins | Q(failed_logins__lt=last_before_lock))
        .update(
            failed_logins=Case(When(begins, then=Value(1)), default=F("failed_logins") + 1),
            last_failed_login=now,
            failed_login_addresses=_addresses_column(begins, address),
            failed_logins_untold=F("failed_logins_untold") + 1,
        )
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


def _lock(fsm: UserFSM, found: UserFSM, address: str) -> None:
    """Lock the account, which was found in this state under the row's lock, with the failure that reaches the limit."""
    now = timezone.now()
    tries = found.failed_logins + 1
    addresses = _addresses_with(found, address)
    recent = found.last_automatic_lock is not None and now - found.last_automatic_lock < ESCALATION_PERIOD
    locks = found.automatic_locks + 1 if recent else 1
    durations = [conf.lockout_duration(), *conf.lockout_escalation()]
    fsm.lock(description=_description(tries, addresses), until=now + durations[min(locks, len(durations)) - 1])
    _keep(
        fsm,
        failed_logins=tries,
        last_failed_login=now,
        failed_login_addresses=f" {' '.join(addresses)} " if addresses else "",
        failed_logins_untold=found.failed_logins_untold + 1,
        automatic_locks=locks,
        last_automatic_lock=now,
    )
    lock_mail.tell(fsm)


def _addresses_with(found: UserFSM, address: str) -> list[str]:
    known = found.addresses_of_failed_logins
    if not address or address in known or len(f" {' '.join([*known, address])} ") > ADDRESSES_LENGTH:
        return known
    return [*known, address]


def _description(tries: int, addresses: list[str]) -> str:
    origin = f" from {', '.join(addresses)}" if addresses else ""
    return f"{tries} failed login{'' if tries == 1 else 's'}{origin}"


def _keep(fsm: UserFSM, **values: Any) -> None:
    """Write beside the lock what led to it, and show it in the instance."""
    UserFSM._base_manager.using(fsm._state.db).filter(pk=fsm.pk).update(**values)
    for name, value in values.items():
        setattr(fsm, name, value)

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
from functools import cache, partial
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Concat, Length
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from users import lifecycle
from users.actors import SYSTEM
from users.causes import Cause
from users.conf import conf
from users.database.compiled_updates import Parameter, Update
from users.login import attempts
from users.login.attempts import Place
from users.login.outcomes import committed, committed_in_any_case
from users.models import UserFSM
from users.states import State

ESCALATION_PERIOD = timedelta(days=1)
"""An automatic lock within this time after the previous one lasts longer."""

LIFTED: dict[str, Any] = {"by": SYSTEM, "description": "lock expired", "cause": Cause.LOCK_EXPIRED}
"""The keywords of the transition that lifts an expired lock."""

_parameter = partial(Parameter.of, UserFSM)

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


def admit(fsm: UserFSM, *, place: Place | None = None) -> bool:
    """
    Commit a right password. Return whether the person may log in.

    The account must be active and below the limit, and `place` have a free slot, all in the same statement.
    """
    return committed(partial(_admit, fsm, place), using=fsm.database)


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
        fsm.unlock(**LIFTED)
        return True


def _admit(fsm: UserFSM, place: Place | None) -> bool:
    limit = conf.lockout_failure_limit
    # In two steps as in `_count_failure`: in a burst, with one step it would overtake the wrong ones that take two.
    return (not _may_be_the_last(fsm, limit) and _forgive(fsm, limit - 1, place)) or _forgive(fsm, limit, place)


def _count_failure(fsm: UserFSM, address: str) -> None:
    limit = conf.lockout_failure_limit
    if not _may_be_the_last(fsm, limit) and _count(fsm, limit - 1, address):
        return
    if _count(fsm, limit, address):
        _lock_if_full(fsm)


def _may_be_the_last(fsm: UserFSM, limit: int) -> bool:
    """Whether, as the account was read, the next failure fills the count: then the first step would find nothing."""
    return limit == 1 or (fsm.failed_logins >= limit - 1 and _is_recent(fsm))


def _is_full(fsm: UserFSM) -> bool:
    return _is_recent(fsm) and fsm.failed_logins >= conf.lockout_failure_limit


def _is_recent(fsm: UserFSM) -> bool:
    window = conf.lockout_window
    return window is None or (fsm.last_failed_login is not None and fsm.last_failed_login >= timezone.now() - window)


def _forgive(fsm: UserFSM, limit: int, place: Place | None) -> bool:
    """Reset the count after a right password, unless the account is closed, has reached the limit, or has no place."""
    window = conf.lockout_window
    statement = _forgiving(fsm.database, window=window is not None, places=place and place.limit)
    return bool(
        statement.send(**_account(fsm, limit, window), seen=fsm.failed_logins, **(place.parameters if place else {}))
    )


def _count(fsm: UserFSM, limit: int, address: str) -> bool:
    """Count a wrong password, unless the account is closed or has reached the limit."""
    window = conf.lockout_window
    statement = _counting(fsm.database, window=window is not None, address=bool(address))
    return bool(
        statement.send(
            **_account(fsm, limit, window),
            now=timezone.now(),
            address=f"{address} ",
            in_spaces=f" {address} ",
            longest=ADDRESSES_LENGTH - len(address) - 1,
        )
    )


def _account(fsm: UserFSM, limit: int, window: timedelta | None) -> dict[str, Any]:
    begin = timezone.now() - window if window is not None else None
    return {"pk": fsm.pk, "limit": limit, "begin": begin}


@cache
def _forgiving(using: str, *, window: bool, places: int | None) -> Update:
    # Failures during this login remain counted.
    seen = _parameter("failed_logins", "seen")
    unseen = Q(failed_logins__gt=seen)
    accounts = _with_room(using, _begins_anew(window=window))
    return Update.prepared(
        accounts if places is None else accounts.exclude(attempts.are_full(places)),
        failed_logins=Case(When(unseen, then=F("failed_logins") - seen), default=Value(0)),
        failed_login_addresses=Case(When(unseen, then=F("failed_login_addresses")), default=Value("")),
    )


@cache
def _counting(using: str, *, window: bool, address: bool) -> Update:
    begins = _begins_anew(window=window)
    return Update.prepared(
        _with_room(using, begins),
        failed_logins=Case(When(begins, then=Value(1)), default=F("failed_logins") + 1),
        last_failed_login=_parameter("last_failed_login", "now"),
        failed_login_addresses=_addresses_column(begins, address=address),
        failed_logins_untold=F("failed_logins_untold") + 1,
    )


def _with_room(using: str, begins: Q) -> QuerySet[UserFSM]:
    """Select the row if the account is active and has fewer failures than the limit."""
    accounts = UserFSM._base_manager.using(using)
    active = accounts.filter(pk=_parameter("id", "pk"), current_state=State.ACTIVE)
    return active.filter(begins | Q(failed_logins__lt=_parameter("failed_logins", "limit")))


def _begins_anew(*, window: bool) -> Q:
    """Selects accounts where the next failure starts a new count."""
    passed = Q(last_failed_login__lt=_parameter("last_failed_login", "begin"))
    return Q(failed_logins=0) | passed if window else Q(failed_logins=0)


def _addresses_column(begins: Q, *, address: bool) -> Case:
    """The addresses of the counted attempts: each once, with a space on either side, as many as fit."""
    if not address:
        return Case(When(begins, then=Value("")), default=F("failed_login_addresses"))
    in_spaces = _parameter("failed_login_addresses", "in_spaces")
    full = GreaterThan(Length("failed_login_addresses"), _parameter("failed_logins", "longest"))
    known = Q(failed_login_addresses__contains=in_spaces)
    return Case(
        When(begins | Q(failed_login_addresses=""), then=in_spaces),
        When(known | Q(full), then=F("failed_login_addresses")),
        default=Concat(
            F("failed_login_addresses"), _parameter("failed_login_addresses", "address"), output_field=CharField()
        ),
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
    durations = [conf.lockout_duration, *conf.lockout_escalation]
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

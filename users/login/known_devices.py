"""
Known devices: browsers in which a person has logged in before, so that nobody can lock others out on purpose.

Guessing from elsewhere locks an account, but its owner still gets in: the right password from a known device lifts an
automatic lock at once (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").

THE COOKIE is signed and lists accounts, each with a random number for the device and a digest of the password's hash. A
new password therefore makes every device unknown. While the account is locked, attempts from one device have a count of
their own, which no other device or address shares. Once it is full, the device counts as unknown.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.core import signing
from django.db import router, transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from users.causes import Cause
from users.conf import conf
from users.login import attempts, outcomes, this_request
from users.models import RecentAttempts, UserFSM

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

SALT = "users.known_devices"

MOST_ACCOUNTS = 5
"""The number of accounts that one browser remembers. The latest ones stay."""

COUNTED_FOR = timedelta(days=1)
"""How long a wrong password counts against a device."""


class Entry(NamedTuple):
    """An account in the cookie of a device."""

    user_id: str
    device: str
    digest: str


def was_used(request: HttpRequest, user: User) -> bool:
    """Whether this person has logged in with this browser before, even with an earlier password."""
    return any(entry.user_id == str(user.pk) for entry in _entries(request))


def may_try(request: HttpRequest | None, fsm: UserFSM) -> bool:
    """Whether to check a password for this account, which failed logins have locked. It counts as an attempt."""
    if request is None or not fsm.locked_by_failed_logins:
        return False
    entry = _entry(request, fsm.user)
    if entry is None:
        return False
    take = partial(attempts.take, _key(entry), limit=conf.lockout_failure_limit, window=COUNTED_FOR)
    return outcomes.committed_in_any_case(take, using=router.db_for_write(RecentAttempts)) is None


def open_lock(fsm: UserFSM) -> bool:
    """Unlock the account after the right password from a known device. Return whether it is open now."""
    return outcomes.committed(partial(_open_lock, fsm), using=fsm.database)


def note_login(request: HttpRequest, user: User) -> None:
    """Make the middleware remember the browser of this login, and reset its count."""
    if user.fsm.last_automatic_lock is not None:  # without an automatic lock, nothing was counted
        _forget_tries(request, user)
    logins = this_request.current()
    if logins is not None:
        logins.logged_in = user


def remember(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Add this user's account to the cookie of the browser."""
    known = _entry(request, user)
    others = [entry for entry in _entries(request) if entry.user_id != str(user.pk)]
    entry = Entry(
        str(user.pk), known.device if known else secrets.token_urlsafe(12), _digest(user, settings.SECRET_KEY)
    )
    response.set_cookie(
        conf.device_cookie,
        signing.dumps([*others, entry][-MOST_ACCOUNTS:], salt=SALT),
        max_age=conf.device_lifetime,
        path=settings.SESSION_COOKIE_PATH,
        domain=settings.SESSION_COOKIE_DOMAIN,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite=settings.SESSION_COOKIE_SAMESITE,  # type: ignore[arg-type]  # a plain str in the stubs
    )


def _forget_tries(request: HttpRequest, user: User) -> None:
    if entry := _entry(request, user):
        attempts.forget(_key(entry))


def _open_lock(fsm: UserFSM) -> bool:
    with transaction.atomic(using=fsm.database):
        # Checked under the row lock: an administrator may have made the lock indefinite.
        found = UserFSM._base_manager.using(fsm.database).select_for_update().filter(pk=fsm.pk).first()
        if found is None or not found.locked_by_failed_logins:
            return False
        fsm.unlock(by=fsm.user, description="by a login from a known device", cause=Cause.KNOWN_DEVICE)
        return True


def _entry(request: HttpRequest, user: User) -> Entry | None:
    for entry in _entries(request):
        if entry.user_id == str(user.pk) and any(
            constant_time_compare(entry.digest, _digest(user, key))
            for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        ):
            return entry
    return None


def _entries(request: HttpRequest) -> Iterator[Entry]:
    cookie = request.COOKIES.get(conf.device_cookie)
    if not cookie:
        return
    try:
        for entry in signing.loads(cookie, salt=SALT, max_age=conf.device_lifetime):
            yield Entry(*entry)
    except (signing.BadSignature, ValueError, TypeError):
        return  # forged, expired, or from another version of this code


def _key(entry: Entry) -> str:
    return f"device:{entry.device}"


def _digest(user: User, key: str) -> str:
    return salted_hmac(SALT, user.password, secret=key, algorithm="sha256").hexdigest()[:16]

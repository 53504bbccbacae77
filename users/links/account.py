"""
Tokens for links in emails about an account.

A token is signed, expires, and contains the account, its version and a digest of its email address. Every transition of
the account therefore invalidates it, and so does a change of the address.

THE LOCK. Using a link locks the rows of the account and of the person (`locked`). So of several simultaneous uses only
one succeeds, and a change of either row that is under way is waited for, and seen.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from users.models import UserFSM


def make(fsm: UserFSM, *, purpose: str) -> str:
    """Return a token for this account in its current version. `purpose` separates kinds of links."""
    return signing.dumps([str(fsm.user_id), fsm.version, digest_of_address(fsm)], salt=purpose)


def find(token: str, accounts: QuerySet[UserFSM], *, purpose: str, lifetime: timedelta) -> UserFSM | None:
    """Return the account of a valid token among `accounts`, or None."""
    try:
        user_id, version, digest = signing.loads(token, salt=purpose, max_age=lifetime)
        fsm = accounts.select_related("user").filter(user_id=user_id, version=version).first()
    except (signing.BadSignature, ValidationError, ValueError):
        return None
    return fsm if fsm is not None and has_address(fsm, digest) else None


def locked(using: str) -> QuerySet[UserFSM]:
    """
    Return the accounts with their people, whose rows are locked when they are read.

    Both are read as they are once the lock is had. Keys of other tables may still refer to them.
    """
    accounts = UserFSM._base_manager.using(using).select_related("user")
    return accounts.select_for_update(of=("self", "user"), no_key=True)


def digest_of_address(fsm: UserFSM) -> str:
    """Return the digest that stands for the person's email address in a token, so that the link does not reveal it."""
    return _digest(fsm, settings.SECRET_KEY)


def has_address(fsm: UserFSM, digest: object) -> bool:
    """Whether this digest stands for the person's email address, with the current key or an earlier one."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return isinstance(digest, str) and any(constant_time_compare(digest, _digest(fsm, key)) for key in keys)


def _digest(fsm: UserFSM, key: str) -> str:
    address = getattr(fsm.user, fsm.user.get_email_field_name(), None) or ""
    return salted_hmac("users.links", address, secret=key, algorithm="sha256").hexdigest()[:16]

"""
Tokens for links in emails about an account.

A token is signed, expires, and contains the account, its version and a digest of its email address. Every transition of
the account therefore invalidates it, and so does a change of the address. Using a token locks the row of the account,
so of several simultaneous uses only one succeeds.
"""

from __future__ import annotations

from datetime import timedelta

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
    return fsm if fsm is not None and constant_time_compare(digest, digest_of_address(fsm)) else None


def digest_of_address(fsm: UserFSM) -> str:
    """Return a digest of the person's email address, so that links do not reveal it."""
    address = getattr(fsm.user, fsm.user.get_email_field_name(), None) or ""
    return salted_hmac("users.links", address).hexdigest()[:16]

"""
Tokens for links in emails about an account.

A token is signed, ends after a while, and names the account, its version and its email address. So every transition of
the account makes it useless, and so does another address. Whoever uses one locks the row of the account first: of
several who use it at the same moment, one does.
"""

from __future__ import annotations

from datetime import timedelta

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from users.models import UserFSM


def make(fsm: UserFSM, *, purpose: str) -> str:
    """The token for this account as it is now; `purpose` keeps the token of one kind of link out of another."""
    return signing.dumps([str(fsm.user_id), fsm.version, digest_of_address(fsm)], salt=purpose)


def find(token: str, accounts: QuerySet[UserFSM], *, purpose: str, lifetime: timedelta) -> UserFSM | None:
    """The account among these that the token names, if it is still as it was; None for anything else."""
    try:
        user_id, version, digest = signing.loads(token, salt=purpose, max_age=lifetime)
        fsm = accounts.select_related("user").filter(user_id=user_id, version=version).first()
    except (signing.BadSignature, ValidationError, ValueError):
        return None
    return fsm if fsm is not None and constant_time_compare(digest, digest_of_address(fsm)) else None


def digest_of_address(fsm: UserFSM) -> str:
    """What stands for the person's email address in a token: the link shows the address to nobody."""
    address = getattr(fsm.user, fsm.user.get_email_field_name(), None) or ""
    return salted_hmac("users.links", address).hexdigest()[:16]

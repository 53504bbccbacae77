"""The link with which a person unlocks an account after failed logins; see `users.links.account`."""

from __future__ import annotations

from django.db import router, transaction
from django.db.models import QuerySet

from users.causes import Cause
from users.conf import conf
from users.links import account as account_link
from users.links import pages
from users.models import UserFSM

PURPOSE = "users.unlock_link"


def make(fsm: UserFSM) -> str:
    """Return the token for this lock, which is part of the link."""
    return account_link.make(fsm, purpose=PURPOSE)


def url(fsm: UserFSM) -> str:
    """Return the URL at which this lock can be lifted."""
    return pages.link("unlock", make(fsm))


def find(token: str) -> UserFSM | None:
    """Return the locked account of a valid token, or None (forged, used, expired, or not locked by failed logins)."""
    return _find(token, UserFSM.objects.using(router.db_for_write(UserFSM)))


def use(token: str) -> UserFSM | None:
    """Unlock the account, with the person as the actor, and return it, or None if `find` returns None."""
    using = router.db_for_write(UserFSM)
    with transaction.atomic(using=using):
        fsm = _find(token, account_link.locked(using))
        if fsm is not None:
            fsm.unlock(by=fsm.user, description="by the link in the mail", cause=Cause.UNLOCK_LINK)
        return fsm


def _find(token: str, accounts: QuerySet[UserFSM]) -> UserFSM | None:
    fsm = account_link.find(token, accounts, purpose=PURPOSE, lifetime=conf.unlock_link_lifetime)
    return fsm if fsm is not None and fsm.locked_by_failed_logins else None

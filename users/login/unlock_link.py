"""
The link by which a person opens an account that failed logins have locked.

It is signed, ends after `USERS_UNLOCK_LINK_LIFETIME`, and names the version of the account: any transition, the unlock
itself among them, makes it useless, and so does another e-mail address.
"""

from __future__ import annotations

from django.core import signing
from django.db import router, transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from users import conf, mail
from users.causes import Cause
from users.models import UserFSM
from users.states import State

SALT = "users.unlock_link"


def make(fsm: UserFSM) -> str:
    """The token for this lock; it stands in the link."""
    return signing.dumps([str(fsm.user_id), fsm.version, _digest(mail.address_of(fsm.user))], salt=SALT)


def find(token: str) -> UserFSM | None:
    """The locked account that the token opens, or None: forged, used, too old, or not locked by failed logins."""
    return _find(token, UserFSM.objects.all())


def use(token: str) -> UserFSM | None:
    """Unlock the account, as by the person, and return it; None where `find` finds none."""
    using = router.db_for_write(UserFSM)
    with transaction.atomic(using=using):
        # Under the lock: of two who press the button at once, one unlocks.
        fsm = _find(token, UserFSM.objects.using(using).select_for_update(of=("self",)))
        if fsm is not None:
            fsm.unlock(by=fsm.user, description="by the link in the mail", cause=Cause.UNLOCK_LINK)
        return fsm


def _find(token: str, accounts: QuerySet[UserFSM]) -> UserFSM | None:
    try:
        user_id, version, digest = signing.loads(token, salt=SALT, max_age=conf.unlock_link_lifetime())
    except signing.BadSignature:
        return None
    fsm = accounts.select_related("user").filter(user_id=user_id, version=version, current_state=State.LOCKED).first()
    if fsm is None or not fsm.locked_by_failed_logins:
        return None
    return fsm if constant_time_compare(digest, _digest(mail.address_of(fsm.user))) else None


def _digest(email: str) -> str:
    return salted_hmac(SALT, email).hexdigest()[:16]

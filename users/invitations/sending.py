"""Sends the links of invitations: the first one of an account, and new ones that replace it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import router, transaction
from django.db.models import Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone, translation

from users import lifecycle, mail
from users.actors import By
from users.database.one_of import one_of
from users.exceptions import InvitationNotSent, NotInvited
from users.mail import queue
from users.models import UserFSM
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

KIND = "invitation"

logger = logging.getLogger("users.invitations")


class Resent(NamedTuple):
    """Who got a new link, and who did not."""

    sent: list[User]
    left: list[UserFSM]
    """The accounts that are no longer invited, or have no email address."""


def resend(user: User, *, by: By = None) -> None:
    """
    Queue an email with a new link, which replaces the previous one.

    Raises `NotInvited` if the account is in another state, and `InvitationNotSent` if it has no email address.
    """
    sent, left = resend_all([user], by=by)
    for fsm in left:
        if fsm.current_state != State.INVITED:
            raise NotInvited(user, state=fsm.current_state)
        raise InvitationNotSent(fsm.user)
    if not sent:
        raise UserFSM.DoesNotExist(user)


def resend_all(users: Collection[User], *, by: By = None) -> Resent:
    """Queue an email with a new link for each of these users who is invited, in one transaction."""
    using = router.db_for_write(UserFSM)
    with transaction.atomic(using=using):
        fsms = lock_all([user.pk for user in users], using=using)
        may_get_one = [fsm for fsm in fsms if fsm.current_state == State.INVITED and mail.address_of(fsm.user)]
        send_links(may_get_one, using=using)
    for fsm in may_get_one:
        logger.info("invited %r again, by %r", fsm.user.get_username(), str(by or ""))
    return Resent([fsm.user for fsm in may_get_one], [fsm for fsm in fsms if fsm not in may_get_one])


def lock_all(user_ids: Collection[Any], *, using: str) -> list[UserFSM]:
    """Lock the accounts of these users, in key order, and return them as they are now."""
    asked = one_of("user_id", user_ids, get_user_model()._meta.pk, using=using)
    fsms = UserFSM._base_manager.using(using).select_for_update(of=("self",)).select_related("user")
    return list(fsms.filter(asked).order_by("pk"))


def send_links(fsms: Sequence[UserFSM], *, using: str) -> None:
    """Queue the emails with new links for these accounts. A thousand take as many statements as one."""
    invited_at = lifecycle.whole_milliseconds(timezone.now())  # as a backup in JSON keeps it
    language = translation.get_language() or ""  # the inviter's language is the best guess
    for fsm in fsms:
        fsm.invited_at, fsm.language = invited_at, fsm.language or language
    rows = UserFSM._base_manager.using(using).filter(
        one_of("pk", [fsm.pk for fsm in fsms], UserFSM._meta.pk, using=using), current_state=State.INVITED
    )
    rows.update(invited_at=invited_at, language=Coalesce(NullIf("language", Value("")), Value(language)))
    facts = {"invited_at": invited_at}
    queue.write([queue.Parcel(fsm.user_id, KIND, mail.address_of(fsm.user), facts) for fsm in fsms], using=using)

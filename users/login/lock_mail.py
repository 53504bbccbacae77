"""Tells a person by mail that failed logins have locked the account, with a link to unlock it."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.utils import timezone

from users import conf, mail
from users.login import link_requests, unlock_link
from users.models import UserFSM
from users.states import State


def tell(fsm: UserFSM) -> None:
    """Send the mail about this automatic lock, with its commit; each lock has one, for its link opens no other."""
    context = {
        "moment": fsm.last_automatic_lock,
        "until": fsm.locked_until,
        "tries": fsm.failed_logins,
        "addresses": fsm.addresses_of_failed_logins,
        "link": unlock_link.url(fsm),
        "link_ends": timezone.now() + conf.unlock_link_lifetime(),
    }
    mail.send("locked", fsm.user, context, using=fsm.database)


def ask_anew(address: str) -> None:
    """
    Send a new link to the accounts with this address that failed logins have locked, beside the request.

    Says nothing of whether there are any.
    """

    def send_all() -> None:
        field = get_user_model().get_email_field_name()
        locked = UserFSM.objects.in_state(State.LOCKED).select_related("user")
        for fsm in locked.filter(**{f"user__{field}__iexact": address}):
            if fsm.locked_by_failed_logins and not fsm.lock_has_expired and link_requests.account_may_get(fsm.user):
                tell(fsm)

    mail.beside_the_request(send_all)

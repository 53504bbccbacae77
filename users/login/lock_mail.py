"""Tells a person by mail that failed logins have locked the account, with a link to unlock it."""

from __future__ import annotations

from django.utils import timezone

from users import conf, mail
from users.login import unlock_link
from users.models import UserFSM


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

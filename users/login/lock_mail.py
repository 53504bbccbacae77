"""Tells a person by mail that failed logins have locked the account, with a link to unlock it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from users import conf, mail
from users.login import unlock_link
from users.models import UserFSM


def tell(fsm: UserFSM) -> None:
    """Send the mail after the commit of this automatic lock, unless one has gone out lately or there is no address."""
    now, using = timezone.now(), fsm.database
    row = UserFSM._base_manager.using(using).filter(pk=fsm.pk)
    due = Q(last_lock_mail=None) | Q(last_lock_mail__lte=now - conf.lock_mail_interval())
    if mail.address_of(fsm.user) and row.filter(due).update(last_lock_mail=now):
        # All of it after the commit, and robust: the lock stands whatever becomes of the mail.
        transaction.on_commit(lambda: _send(fsm), using=using, robust=True)


def _send(fsm: UserFSM) -> None:
    context = {
        "moment": fsm.last_automatic_lock,
        "until": fsm.locked_until,
        "tries": fsm.failed_logins,
        "addresses": fsm.addresses_of_failed_logins,
        "link": conf.site_url() + reverse("unlock", args=[unlock_link.make(fsm)]),
        "link_ends": timezone.now() + conf.unlock_link_lifetime(),
    }
    mail.send("locked", fsm.user, context, using=fsm.database)

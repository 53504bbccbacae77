"""Transitions that administrators schedule for later. No state changes yet, so the admin's log says who and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import router, transaction
from django.utils.translation import gettext as _

from users.mail.kinds import moment
from users.models import ScheduledChange, UserFSM
from users.operations import superusers
from users.operations.admin_log import log
from users.operations.wording import transition_label

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def schedule(
    name: str,
    fsm: UserFSM,
    *,
    at: datetime,
    by: User,
    description: str,
    until: datetime | None = None,
    details: Mapping[str, Any] | None = None,
) -> ScheduledChange:
    """
    Schedule a transition of this account. Whether its state allows it is asked when it is due.

    Raises `PermissionDenied` for an administrator's own account if the transition closes it, and `ValueError` for a
    time that has passed.
    """
    if superusers.shuts(name) and fsm.user_id == by.pk:
        raise PermissionDenied(_("You cannot do this to your own account."))
    with transaction.atomic(using=router.db_for_write(ScheduledChange)):
        change = fsm.schedule(name, at=at, by=by, description=description, until=until, details=details)
        _log(_("Scheduled “%(name)s” for %(at)s: %(reason)s"), change, fsm.user, by=by, reason=description)
    return change


def cancel(
    change: ScheduledChange,
    fsm: UserFSM,
    *,
    by: User,
    description: str,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Cancel a scheduled change of this account; raise `NotPending` if it is too late."""
    with transaction.atomic(using=router.db_for_write(ScheduledChange)):
        change.cancel(by=by, description=description, details=details)
        _log(_("Cancelled “%(name)s”, scheduled for %(at)s: %(reason)s"), change, fsm.user, by=by, reason=description)


def _log(text: str, change: ScheduledChange, user: User, *, by: User, reason: str) -> None:
    words = {"name": transition_label(change.transition), "at": moment(change.at), "reason": reason}
    log([user], by=by, message=text % words)

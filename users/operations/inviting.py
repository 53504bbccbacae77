"""The operation that sends invitations again."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from users import invitations
from users.conf import conf
from users.models.querysets import UserFSMQuerySet
from users.operations.admin_log import log
from users.operations.tally import Tally, in_wrong_state
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def preview(accounts: UserFSMQuerySet, *, by: User) -> Tally:
    """Return what `resend` would do to these accounts now."""
    tally, keys = Tally(), []
    rows = accounts.order_by("pk").values_list("pk", "current_state", _address())
    for pk, state, address in rows:
        if state != State.INVITED:
            tally.leave(pk, in_wrong_state(state, State.INVITED))
        elif address:
            keys.append(pk)
        else:
            tally.leave(pk, _("without an email address"))
    tally.change(keys)
    return tally


def resend(accounts: UserFSMQuerySet, *, by: User, description: str) -> Tally:
    """
    Email a new link to these invited people; their previous links stop working.

    No state changes, so the actor and the reason go to the admin's log.
    """
    tally = preview(accounts, by=by)
    tally.changed = 0
    people = iter(_reachable(accounts.in_state(State.INVITED)).select_related("user").order_by("pk"))
    while batch := [fsm.user for fsm in islice(people, conf.bulk_batch_size)]:
        sent, left = invitations.resend_all(batch, by=by)
        log(sent, by=by, message=_("Sent the invitation again: %(reason)s") % {"reason": description})
        tally.changed += len(sent)
        tally.left.update(in_wrong_state(fsm.current_state, State.INVITED) for fsm in left)  # others were faster
    return tally


def _reachable(accounts: UserFSMQuerySet) -> UserFSMQuerySet:
    return accounts.exclude(**{_address(): ""}).exclude(**{_address(): None})


def _address() -> str:
    return f"user__{get_user_model().get_email_field_name()}"

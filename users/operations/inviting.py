"""The operation that sends invitations again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from users import invitations
from users.exceptions import NotInvited
from users.operations.admin_log import log
from users.operations.tally import Tally, in_wrong_state, left_in_other_states
from users.querysets import UserFSMQuerySet
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def preview(accounts: UserFSMQuerySet, *, by: User) -> Tally:
    """Return what `resend` would do to these accounts now."""
    invited = accounts.in_state(State.INVITED)
    tally = Tally(_reachable(invited).count())
    if unreachable := invited.count() - tally.changed:
        tally.left[_("without an email address")] = unreachable
    tally.left += left_in_other_states(accounts, State.INVITED)
    return tally


def resend(accounts: UserFSMQuerySet, *, by: User, description: str) -> Tally:
    """
    Email a new link to these invited people; their previous links stop working.

    No state changes, so the actor and the reason go to the admin's log.
    """
    tally, sent = preview(accounts, by=by), []
    for fsm in _reachable(accounts.in_state(State.INVITED)).select_related("user").order_by("pk"):
        try:
            invitations.resend(fsm.user, by=by)
            sent.append(fsm.user)
        except NotInvited as error:
            tally.left[in_wrong_state(error.state, State.INVITED)] += 1
    log(sent, by=by, message=_("Sent the invitation again: %(reason)s") % {"reason": description})
    tally.changed = len(sent)
    return tally


def _reachable(accounts: UserFSMQuerySet) -> UserFSMQuerySet:
    address = f"user__{get_user_model().get_email_field_name()}"
    return accounts.exclude(**{address: ""}).exclude(**{address: None})

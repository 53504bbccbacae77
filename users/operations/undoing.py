"""
The opposite operation for the accounts that are still as an operation left them.

The accounts are found in the record of the operation, never in a list that a client sends. An account
that came from another state than the opposite leads to is left as it is: a deactivated account that was only invited
does not become active by an undo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.utils.translation import gettext as _

from users.models import UserFSM
from users.models.querysets import UserFSMQuerySet
from users.operations import transitioning
from users.operations.tally import Tally
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def opposite_of(name: str) -> str | None:
    """Return the transition that leads back from where `name` leads, or None if there is none."""
    known = {each.name: str(each.target) for each in UserFSM.transitions()}
    if name not in known:
        return None
    sources = UserFSM.sources_of(name)
    back = (each for each, target in known.items() if target in sources and known[name] in UserFSM.sources_of(each))
    return next(back, None)


def preview(name: str, accounts: UserFSMQuerySet, *, by: User) -> Tally:
    """
    Return what `undo` would do to these accounts now.

    They carry `version_then`, the version that the operation to undo gave them, and `state_before` it.
    """
    tally = transitioning.preview(name, _still(name, accounts), by=by)
    tally += _left(name, accounts)
    return tally


def undo(name: str, accounts: UserFSMQuerySet, *, by: User, description: str, undoes: str) -> Tally:
    """
    Make the transition `name` for those of these accounts that are still as they were left; see `preview`.

    `undoes` is the id of the operation that is undone. It becomes part of the details of each record.
    """
    left = _left(name, accounts)
    tally = transitioning.move(name, _still(name, accounts), by=by, description=description, details={"undoes": undoes})
    tally += left
    return tally


def _still(name: str, accounts: UserFSMQuerySet) -> UserFSMQuerySet:
    return accounts.filter(Q(version=F("version_then"), state_before=UserFSM.target_of(name)))


def _left(name: str, accounts: UserFSMQuerySet) -> Tally:
    tally, target = Tally(), UserFSM.target_of(name)
    columns: list[str] = ["pk", "version", "version_then", "state_before"]
    for pk, version, then, before in accounts.order_by("pk").values_list(*columns):
        if version != then:
            tally.leave(pk, _("changed since"))
        elif before != target:
            tally.leave(pk, _("%(state)s before") % {"state": str(State(before).label).lower()})
    return tally

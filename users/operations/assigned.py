"""
Applies `superusers.py` to assignments of `is_active` within requests.

Pages of other packages write `user.is_active = False; user.save()`: imports, bulk actions, forms and APIs. They ask
nobody, so the save itself refuses. Outside of requests, code decides for itself, as with the transition methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model

from users.actors import ActorKind
from users.exceptions import AccountProtected
from users.lifecycle import RefusalReason
from users.login import this_request
from users.models import UserFSM
from users.models.scheduled_change import actor
from users.operations import refusing, superusers
from users.operations.superusers import Protected
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

PEOPLE = (ActorKind.USER, ActorKind.MACHINE)


def require_movable(user: User, *, opens: bool, using: str) -> None:
    """
    Raise `AccountProtected` if this request may not open or close this account. Otherwise nobody else moves a protected
    account until the transaction ends.
    """
    if this_request.current() is None:
        return
    accounts = UserFSM.objects.using(using).filter(superusers.accounts_of(using), user=user.pk)
    if not accounts.exists():  # judged by the stored columns: the same save may take `is_superuser` away
        return
    protected = Protected.read(using=using, lock=True)
    fsm = accounts.get()
    if (fsm.current_state == State.ACTIVE) == opens:
        return
    reason = _reason(fsm, protected, opens=opens, using=using)
    if reason:
        refusing.tell_of(_transition(fsm, opens=opens), accounts, RefusalReason.PROTECTED, by=None)
        raise AccountProtected(user, reason=reason)


def _reason(fsm: UserFSM, protected: Protected, *, opens: bool, using: str) -> str:
    """Return why this account is left as it is, or an empty text."""
    who, by = actor(None), None
    if who.kind in PEOPLE and who.user_id != fsm.user_id:
        by = get_user_model()._base_manager.using(using).filter(pk=who.user_id).first()
    return protected.why_not(fsm.pk, by=by, shuts=not opens)


def _transition(fsm: UserFSM, *, opens: bool) -> str:
    target = State.ACTIVE if opens else State.DEACTIVATED
    return next((each.name for each in fsm.get_available_current_state_transitions() if each.target == target), "")

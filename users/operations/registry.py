"""
All operations of administrators: every transition, and a few more.

Lists, buttons and URLs are built from `ALL`, so that every path checks the same permissions and rules.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from django.core.exceptions import PermissionDenied

from users import transitions
from users.lifecycle import RefusalReason
from users.models import UserFSM
from users.models.querysets import UserFSMQuerySet
from users.operations import ending_sessions, inviting, lasting_lock, refusing, transitioning
from users.operations.facts import Facts
from users.operations.tally import Tally
from users.operations.wording import WORDINGS
from users.rows.user_model import has_field
from users.states import State
from users.transitions import Wording, permission_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User  # whatever settings.AUTH_USER_MODEL is


class Preview(Protocol):
    """Returns what an operation by `by` would do to these accounts, without doing it."""

    def __call__(self, accounts: UserFSMQuerySet, *, by: User) -> Tally: ...


class CarryOut(Protocol):
    """Carries out an operation by `by`, for the reason `description`, and returns the result."""

    def __call__(self, accounts: UserFSMQuerySet, *, by: User, description: str) -> Tally: ...


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that administrators can do to accounts."""

    name: str
    wording: Wording
    permissions: Sequence[str]
    """An administrator needs all of these."""

    sources: Collection[str]
    """The states in which it can change an account."""

    preview: Preview
    carry_out: CarryOut
    is_transition: bool = False
    fits_one: Callable[[Facts], bool] | None = None
    """Whether it would change one account in one of the sources, where that takes less than a preview."""

    needs_addresses: bool = False
    """Whether it sends emails and does nothing else, so that it is off if the user model has no addresses."""

    def permitted(self, user: User | AnonymousUser) -> bool:
        """Whether this administrator has the permissions."""
        return user.has_perms(self.permissions) and (has_field("email") or not self.needs_addresses)

    def require_permission(self, user: User | AnonymousUser, accounts: UserFSMQuerySet) -> None:
        """Raise `PermissionDenied`, and report it for these accounts, unless this administrator has the permissions."""
        if not self.permitted(user):
            refusing.tell_of(self.name, accounts, RefusalReason.PERMISSION, by=user)
            raise PermissionDenied

    def fits(self, facts: Facts) -> bool:
        """Whether it would change this account, given its state and the rules."""
        if facts.fsm.current_state not in self.sources:
            return False  # saves the queries of a preview
        if self.fits_one is not None:
            return self.fits_one(facts)
        alone = UserFSM.objects.filter(pk=facts.fsm.pk)
        return self.preview(alone, by=facts.by).changed == 1


def _transition(name: str) -> Operation:
    return Operation(
        name=name,
        wording=WORDINGS[name],
        permissions=(permission_of(name),),
        sources=UserFSM.sources_of(name),
        preview=partial(transitioning.preview, name),
        carry_out=partial(transitioning.move, name),
        is_transition=True,
        fits_one=partial(transitioning.fits, name),
    )


_OTHERS = (
    Operation(
        name="keep_locked",
        wording=WORDINGS["keep_locked"],
        permissions=(permission_of("lock"), permission_of("unlock")),
        sources={State.LOCKED},
        preview=lasting_lock.preview,
        carry_out=lasting_lock.keep_locked,
    ),
    Operation(
        name="resend_invitation",
        wording=WORDINGS["resend_invitation"],
        permissions=("user_lifecycle.invite_userfsm",),
        sources={State.INVITED},
        preview=inviting.preview,
        carry_out=inviting.resend,
        needs_addresses=True,
    ),
    Operation(
        name="end_sessions",
        wording=WORDINGS["end_sessions"],
        permissions=("user_lifecycle.delete_loginsession",),
        sources={State.ACTIVE},
        preview=ending_sessions.preview,
        carry_out=ending_sessions.end,
        fits_one=ending_sessions.fits,
    ),
)

ALL: Mapping[str, Operation] = {each.name: each for each in (*map(_transition, transitions.ABOUT), *_OTHERS)}
"""Operations by name, in the order in which pages offer them. The name of a transition is its method's name."""


def permitted(user: User | AnonymousUser) -> list[Operation]:
    """Return the operations for which this user has the permissions."""
    return [each for each in ALL.values() if each.permitted(user)]


def offered(facts: Facts) -> list[Operation]:
    """Return the operations that this administrator may carry out and that would change this account."""
    return [each for each in permitted(facts.by) if each.fits(facts)]

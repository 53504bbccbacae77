"""The exceptions of this app."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError
from django_fsm import TransitionNotAllowed

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


class UsersError(Exception):
    """The base of all exceptions of this app."""


class TransitionRefused(UsersError, TransitionNotAllowed):
    """
    The account is in a state from which the transition does not lead.

    It is also raised if another call was faster, because the state is read under the row lock. Nothing was changed.
    Call `fsm.get_available_current_state_transitions()` and decide again.
    """

    def __init__(self, fsm: Any, *, username: str, state: str, transition: str) -> None:
        super().__init__(
            f"{username!r} is {state}: the transition {transition!r} does not start there",
            object=fsm,
            method=getattr(fsm, transition),
        )
        self.username = username
        self.state = state
        self.transition = transition


class NestedTransition(UsersError, RuntimeError):
    """
    A receiver asked for a transition of the very user whose transition called it.

    The inner one would start from a state that is not written yet, so both are undone, whether or not the receiver
    catches this. Let the receiver wait for `transaction.on_commit`.
    """

    def __init__(self, username: str) -> None:
        super().__init__(f"{username!r} is in the middle of another transition")
        self.username = username


class UnknownChange(NamedTuple):
    """One change that may or may not have been committed."""

    user_id: Any
    username: str
    """Empty for the birth of an account."""

    sequence: int
    """The version that the account has, and the sequence of its record, if it was."""


class OutcomeUnknown(UsersError, OperationalError):
    """
    The connection to the database was lost during COMMIT: the change was committed, or it was not.

    All `changes` were committed together, or none of them. Look on a new connection whether the account has the version
    `sequence`, or simply call again: no transition leads from a state to itself, so a change that was committed is
    refused the second time (`TransitionRefused`). `user_id`, `username` and `sequence` are those of the first change,
    which is the only one of a transition method.
    """

    def __init__(self, transition: str, changes: Sequence[UnknownChange]) -> None:
        self.transition = transition
        self.changes = tuple(changes)
        self.user_id, self.username, self.sequence = self.changes[0]
        others = f" and {len(changes) - 1} others" if len(changes) > 1 else ""
        super().__init__(
            f"the connection was lost during COMMIT: whether {self.username!r} ({self.user_id}){others} made the "
            f"transition {transition!r} as change {self.sequence} is not known"
        )


class NoOpenUnit(UsersError, RuntimeError):
    """
    `write_along` or `underway` was called outside a transition.

    A row that belongs to a change of state is written with that change or not at all. Call `write_along` from a
    receiver of django-fsm's signals.
    """


class ProtectedColumn(UsersError, TypeError):
    """
    `QuerySet.update` or `bulk_update` was asked to write what only a transition writes.

    Call the transition method, or `bulk_transition` for many.
    """

    def __init__(self, names: set[str]) -> None:
        super().__init__(
            f"only a transition writes {', '.join(sorted(names))}; call the transition method or bulk_transition"
        )
        self.names = names


class IsActiveNotWritable(UsersError, TypeError):
    """
    Code assigned a value to a user's `is_active` that asks for no transition, and saved the user.

    Either `USERS_IS_ACTIVE_WRITES` is `"refuse"`, or the value is an expression, which nobody can read before it is
    written. Nothing was saved. Call the transition method, for example `user.fsm.deactivate()`.
    """

    def __init__(self, value: object) -> None:
        super().__init__(f"is_active follows from the state; call a transition method instead of assigning {value!r}")
        self.value = value


class AccountProtected(UsersError, PermissionDenied):
    """
    A request assigned to the `is_active` of a protected account what it may not. Nothing was saved.

    At least one superuser stays active, and only superusers move superusers; the same holds for the members of
    `USERS_PROTECTED_GROUP`. Django answers 403 if nobody catches it.
    """

    def __init__(self, user: User, *, reason: str) -> None:
        super().__init__(f"{user.get_username()}: {reason}")
        self.user = user
        self.reason = reason


class MailboxTaken(UsersError, IntegrityError):
    """
    A request saved an address that another account has, as if its column were unique. Nothing was saved.

    `LoginSessionMiddleware` answers 409 if nobody catches it. With `USERS_SHARED_MAILBOXES` it is never raised.
    """

    def __init__(self) -> None:
        super().__init__("an account with this address already exists")


class InvitationNotValid(UsersError, LookupError):
    """
    The invitation link is not valid: it is forged, used, replaced by a newer one or expired, or its account was
    deactivated.

    It does not say which of these, because a stranger may be asking. Offer to send a new one.
    """


class InvitationNotSent(UsersError, ValueError):
    """An invitation was to be sent again to an account without an email address."""

    def __init__(self, user: User) -> None:
        super().__init__(f"{user.get_username()!r} has no email address for an invitation")
        self.user = user


class NotInvited(UsersError, ValueError):
    """An invitation link was requested for an account that is not invited."""

    def __init__(self, user: User, *, state: str) -> None:
        super().__init__(f"{user.get_username()!r} is {state}, not invited")
        self.user = user
        self.state = state


class ListNotReadable(UsersError, ValueError):
    """A file with people to invite cannot be read. The message says why, in the language of the request."""


class ListTooLong(UsersError, ValueError):
    """A list names more people than may be invited at once."""

    def __init__(self, count: int) -> None:
        super().__init__(f"the list has {count} people")
        self.count = count


class LastActiveSuperuser(UsersError):
    """
    The last active superuser cannot leave, and neither can the last active member of `USERS_PROTECTED_GROUP`.

    The message says which of them it is, in the language of the request. Let somebody else become one first.
    """


class NotPending(UsersError, ValueError):
    """A scheduled change can no longer be cancelled: it was made, refused or cancelled before."""

    def __init__(self, change: Any) -> None:
        super().__init__(f"the scheduled change {change.pk} is {change.outcome}")
        self.outcome = change.outcome


class EmailNotTaken(UsersError, RuntimeError):
    """The email backend raised no error, but reported that it sent nothing."""

    def __init__(self) -> None:
        super().__init__("the backend took no email, and gave no reason")


class MailNotComposed(UsersError, LookupError):
    """A queued email can no longer be sent to anybody. The message tells administrators why."""

"""Everything that the lifecycle of accounts raises of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_fsm import TransitionNotAllowed

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


class UsersError(Exception):
    """Base of the errors of this app."""


class TransitionRefused(UsersError, TransitionNotAllowed):
    """
    The account is in a state from which the transition does not lead.

    Also what the loser of a race gets: the state is read under the lock, so whoever comes second sees what the first
    one made of it. Nothing was changed. Ask for `fsm.get_available_current_state_transitions()` and decide anew.
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


class InvitationNotValid(UsersError, LookupError):
    """
    A link that invites nobody: forged, used, replaced by a newer one, expired, or its account was deactivated.

    It does not say which of these, for whoever asks may be a stranger; offer to send a new one.
    """


class InvitationNotSent(UsersError, ValueError):
    """An invitation was to be sent again to an account without an email address."""

    def __init__(self, user: User) -> None:
        super().__init__(f"{user.get_username()!r} has no email address for an invitation")
        self.user = user


class NotInvited(UsersError, ValueError):
    """A link was to be sent to an account that is in another state than invited."""

    def __init__(self, user: User, *, state: str) -> None:
        super().__init__(f"{user.get_username()!r} is {state}, not invited")
        self.user = user
        self.state = state


class ListNotReadable(UsersError, ValueError):
    """A list of people to invite that is no list at all; its text says why, for whoever gave it."""


class LastActiveSuperuser(UsersError):
    """The only active superuser wanted to leave. Nobody would be left who can do everything; make another one first."""


class MailNotComposed(UsersError, LookupError):
    """A queued email that has nobody to go to any more; its text says why, for administrators."""

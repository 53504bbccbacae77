"""The kinds of actors, and the names of actors that are not users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar, cast

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

U = TypeVar("U", bound=AbstractBaseUser)

_KIND = "_user_lifecycle_actor_kind"


class ActorKind(models.TextChoices):
    """The kind of an actor, which distinguishes actors with the same name."""

    USER = "user", _("A user")
    NAMED = "named", _("A name given by code")
    """A name that code passed as `by` or to `acting_as`, such as the name of a job."""

    ANONYMOUS = "anonymous", _("Nobody logged in")
    """A request without a logged-in user."""

    CLI = "cli", _("The command line")
    """There is no request and no name."""

    SYSTEM = "system", _("The system")
    """The project itself, for example when a lock expires."""

    MACHINE = "machine", _("A machine")
    """A service account, through the API."""


class ActorName(str):
    """A name with a kind. An ordinary text with the same letters has no kind."""

    __slots__ = ("kind",)
    kind: ActorKind

    def __new__(cls, name: str, kind: ActorKind) -> Self:
        actor = super().__new__(cls, name)
        actor.kind = kind
        return actor


SYSTEM = ActorName("system", ActorKind.SYSTEM)
"""The project acts of its own accord, for example when a lock expires."""

CLI = ActorName("CLI", ActorKind.CLI)
"""There is no request and no name. Also used as the address in that case."""

ANONYMOUS = ActorName("anonymous", ActorKind.ANONYMOUS)
"""A request without a logged-in user."""


def named(name: str) -> str:
    """Return a name from outside, such as from the command line. Its kind is `named`, even if it reads `system`."""
    return ActorName(name, ActorKind.NAMED)


def kind_of_name(name: str) -> ActorKind:
    """The kind of an actor who is given by name: `named`, unless code says `"system"` or uses a constant from here."""
    if isinstance(name, ActorName):
        return name.kind
    return ActorKind.SYSTEM if name == SYSTEM else ActorKind.NAMED


def as_machine(user: U) -> U:
    """Mark this instance of a user as a service account that calls through the API, and return it."""
    user.__dict__[_KIND] = ActorKind.MACHINE
    return user


def kind_of_user(user: AbstractBaseUser) -> ActorKind:
    """The kind of an actor who is a user: `machine` for one that `as_machine` has marked."""
    kind: ActorKind = user.__dict__.get(_KIND, ActorKind.USER)
    return kind


def logged_in_user(request: HttpRequest) -> User:
    """Return the user of a request which nobody else gets through to. Type checkers cannot know that."""
    return cast("User", request.user)


By = AbstractBaseUser | AnonymousUser | str | None
"""The actor of a call: a user, a name such as `"nightly job"`, or None for the actor of the context."""

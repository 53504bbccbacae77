"""The actor and the origin of a change. Only this module derives them from the call, its context and the request."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest

from audit import impersonation
from audit.conf import conf
from audit.middleware import RequestContextMiddleware
from users.actors import ANONYMOUS, CLI, ActorKind, By, kind_of_name, kind_of_user
from users.input.address import client_address, is_from_trusted_proxy
from users.input.text import storable

NAME_LENGTH = 255
USER_AGENT_LENGTH = 500
REQUEST_ID_LENGTH = 64

_acting_as: ContextVar[ActingAs | None] = ContextVar("audit.context.acting_as", default=None)
_FIT_REQUEST_ID = re.compile(rf"[\w.:/+=-]{{1,{REQUEST_ID_LENGTH}}}", re.ASCII)

P = ParamSpec("P")
T = TypeVar("T")


class ActingAs(NamedTuple):
    """The actor within a block, and the id that its changes share in the audit trail."""

    actor: By
    correlation_id: str


@dataclass(frozen=True, slots=True)
class Actor:
    """An actor: a name for the record, the kind of actor and, for a user, the key."""

    name: str
    kind: ActorKind
    user_id: Any = None
    impersonator_name: str = ""
    """The name of the impersonator of this user, if there is one."""

    impersonator_id: Any = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The address, user agent and request from which somebody acts."""

    ip_address: str
    """The client's address, `CLI` without a request, empty if the peer has none."""

    user_agent: str = ""
    request_id: str = ""


@contextmanager
def acting_as(actor: By) -> Iterator[None]:
    """
    Name the actor for this block: a text, for example the name of a nightly job, or a user.

    The `by` of a call takes precedence. Outside a request, the records of the block share a `request_id`.
    """
    token = _acting_as.set(ActingAs(actor, uuid.uuid4().hex))
    try:
        yield
    finally:
        _acting_as.reset(token)


def carried(function: Callable[P, T]) -> Callable[P, T]:
    """
    Wrap a function for a thread or an executor that does not propagate the context.

    The function sees the request and the actor of the place where `carried` was called.
    """
    context = copy_context()

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        # A copy for each call: a context cannot be entered twice at the same time.
        return context.copy().run(function, *args, **kwargs)

    return run


def actor(by: By = None) -> Actor:
    """
    Return who acts: `by`, the actor of `acting_as`, the request's user, `anonymous`, or `CLI` without a request.

    This may query the database for the request's user, so call it where that is allowed.
    """
    by = by or _named_around()  # an empty text names nobody
    request = RequestContextMiddleware.get_request()
    if not by:
        if request is None:
            return Actor(CLI, ActorKind.CLI)
        by = getattr(request, "user", None) or AnonymousUser()
    if isinstance(by, AnonymousUser):
        return Actor(ANONYMOUS, ActorKind.ANONYMOUS)
    if isinstance(by, AbstractBaseUser):
        return _user(by, request)
    return Actor(storable(by, NAME_LENGTH), kind_of_name(by))


def _named_around() -> By:
    around = _acting_as.get()
    return around.actor if around else None


def _user(user: AbstractBaseUser, request: HttpRequest | None) -> Actor:
    name = storable(user.get_username(), NAME_LENGTH)
    impersonator = impersonation.of(request, user) if request is not None else None
    if impersonator is None:
        return Actor(name, kind_of_user(user), user.pk)
    by_whom = storable(impersonator.get_username(), NAME_LENGTH)
    return Actor(name, kind_of_user(user), user.pk, impersonator_name=by_whom, impersonator_id=impersonator.pk)


def origin() -> Origin:
    """Return the origin of the current request. It is the same for everything that happens in one request."""
    request = RequestContextMiddleware.get_request()
    if request is None:
        around = _acting_as.get()
        return Origin(ip_address=CLI, request_id=around.correlation_id) if around else NO_REQUEST
    known: Origin | None = getattr(request, "audit_origin", None)
    if known is None:
        known = _origin_of(request)
        request.audit_origin = known  # type: ignore[attr-defined]
    return known


NO_REQUEST = Origin(ip_address=CLI)


def _origin_of(request: HttpRequest) -> Origin:
    return Origin(
        ip_address=client_address(request),
        user_agent=storable(request.headers.get("User-Agent", ""), USER_AGENT_LENGTH),
        request_id=_request_id(request),
    )


def _request_id(request: HttpRequest) -> str:
    # Anybody can send the header. Only that of a proxy in front of the site identifies a request.
    sent = request.headers.get(conf.request_id_header, "") if is_from_trusted_proxy(request) else ""
    return sent if is_request_id(sent) else uuid.uuid4().hex


def is_request_id(text: str) -> bool:
    """Whether this can be the id of a request. The record is searched for no other text."""
    return _FIT_REQUEST_ID.fullmatch(text) is not None

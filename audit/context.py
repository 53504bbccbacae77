"""Who acts, and from where: made once, here, from what the call, the code around it and the request say."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest

from audit import conf
from audit.middleware import RequestContextMiddleware
from users.actors import ANONYMOUS, CLI, By
from users.input.address import client_address
from users.input.text import storable

NAME_LENGTH = 255
USER_AGENT_LENGTH = 500
REQUEST_ID_LENGTH = 64

_acting_as: ContextVar[str | None] = ContextVar("audit.context.acting_as", default=None)
_FIT_REQUEST_ID = re.compile(rf"[\w.:/+=-]{{1,{REQUEST_ID_LENGTH}}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a text for the record and, where it is a user, the key."""

    name: str
    user_id: Any = None


@dataclass(frozen=True, slots=True)
class Origin:
    """From where somebody acts."""

    ip_address: str
    """The client's address, `CLI` without a request, empty where the peer has none."""

    user_agent: str = ""
    request_id: str = ""


NO_REQUEST = Origin(ip_address=CLI)


@contextmanager
def acting_as(name: str) -> Iterator[None]:
    """Name who acts within this block, for example a nightly job; a call's own `by` goes before it."""
    token = _acting_as.set(name)
    try:
        yield
    finally:
        _acting_as.reset(token)


def actor(by: By = None) -> Actor:
    """
    Who acts, in this order: `by`, `acting_as`, the request's user, `anonymous`, and `CLI` where there is no request.

    Reading the request's user may query the database, so call it where that is allowed.
    """
    by = by or _acting_as.get()  # an empty text names nobody
    if not by:
        request = RequestContextMiddleware.get_request()
        if request is None:
            return Actor(CLI)
        by = getattr(request, "user", None) or AnonymousUser()
    if isinstance(by, AnonymousUser):
        return Actor(ANONYMOUS)
    if isinstance(by, AbstractBaseUser):
        return Actor(storable(by.get_username(), NAME_LENGTH), by.pk)
    return Actor(storable(by, NAME_LENGTH))


def origin() -> Origin:
    """From where the current request comes; the same for all that happens in one request."""
    request = RequestContextMiddleware.get_request()
    if request is None:
        return NO_REQUEST
    known: Origin | None = getattr(request, "audit_origin", None)
    if known is None:
        known = _origin_of(request)
        request.audit_origin = known  # type: ignore[attr-defined]
    return known


def _origin_of(request: HttpRequest) -> Origin:
    return Origin(
        ip_address=client_address(request),
        user_agent=storable(request.headers.get("User-Agent", ""), USER_AGENT_LENGTH),
        request_id=_request_id(request),
    )


def _request_id(request: HttpRequest) -> str:
    sent = request.headers.get(conf.request_id_header(), "")
    return sent if _FIT_REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex

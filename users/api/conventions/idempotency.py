"""
`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a client that repeats a POST gets the same answer again.

The key is claimed by a row before anything is done, so of two requests at the same moment one is answered 409. An
error forgets the key, because nothing was done.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from users.api.conventions.problems import Problem
from users.api.models import RememberedAnswer
from users.conf import conf

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
ABANDONED_AFTER = timedelta(minutes=5)
"""A request that has not been answered by then never will be: its process has ended."""

KEPT_HEADERS = ("ETag", "Location")


class Answered(Exception):
    """Raised if the request was answered before; `response` is that answer."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class Attempt:
    """A request that has claimed its key."""

    def __init__(self, row: RememberedAnswer) -> None:
        self.row = row

    def keep(self, response: Response) -> None:
        """Remember this answer. An error is not remembered, so that the client can try again."""
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            self.forget()
            return
        self.row.status = response.status_code
        self.row.body = json.loads(json.dumps(response.data, cls=JSONEncoder))
        self.row.headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        self.row.save()

    def forget(self) -> None:
        """Let the same key be used again."""
        if not transaction.get_connection(self.row._state.db).needs_rollback:  # which would undo the row anyway
            RememberedAnswer.objects.filter(pk=self.row.pk).delete()


def begin(request: Request) -> Attempt | None:
    """
    Claim the key of this request, if it has one.

    Raises `Answered` if it was answered before, and a `Problem` for a key that is in use or was another request's.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise ValidationError({HEADER: [_("This is not a valid key.")]})
    _forget_old_ones()
    caller, fingerprint = str(request.user.pk), _fingerprint(request)
    row = RememberedAnswer(caller=caller, key=key, fingerprint=fingerprint)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        _answer_again(RememberedAnswer.objects.filter(caller=caller, key=key).first(), fingerprint)
    return Attempt(row)


def _answer_again(known: RememberedAnswer | None, fingerprint: str) -> None:
    if known is not None and known.fingerprint != fingerprint:
        detail = _("This key was used for another request.")
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "key-of-another-request", detail)
    if known is None or known.status is None:
        raise Problem(HTTPStatus.CONFLICT, "key-in-use", _("A request with this key is being answered."))
    raise Answered(Response(known.body, status=known.status, headers={**known.headers, "Idempotency-Replayed": "true"}))


def _fingerprint(request: Request) -> str:
    parts: tuple[Any, ...] = (request.method, request.get_full_path(), request.headers.get("If-Match", ""))
    return hashlib.sha256(repr(parts).encode() + request._request.body).hexdigest()  # noqa: SLF001 - DRF's own name


def _forget_old_ones() -> None:
    now = timezone.now()
    old = Q(created_at__lt=now - conf.api_idempotency_lifetime)
    abandoned = Q(status=None, created_at__lt=now - ABANDONED_AFTER)
    RememberedAnswer.objects.filter(old | abandoned).delete()

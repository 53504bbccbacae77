"""Errors as problem details (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from users.exceptions import OutcomeUnknown
from users.models import UserFSM

CONTENT_TYPE = "application/problem+json"
TYPE = "urn:user-lifecycle:problem:"


class Problem(exceptions.APIException):
    """A problem with a type of its own and further members."""

    def __init__(self, status: HTTPStatus, kind: str, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.status_code = status
        self.kind = kind
        self.members = members


def wrong_state(name: str, state: str, detail: str) -> Problem:
    """409: the operation does not start from the account's state."""
    return Problem(HTTPStatus.CONFLICT, "wrong-state", detail, operation=name, state=state)


def protected(name: str, detail: str) -> Problem:
    """403: nobody closes their own account here, or that of the last active superuser."""
    return Problem(HTTPStatus.FORBIDDEN, "protected", detail, operation=name)


def changed_meanwhile(version: int | None) -> Problem:
    """412: the account does not have the version of `If-Match`."""
    detail = _("The account has changed since this version.")
    return Problem(HTTPStatus.PRECONDITION_FAILED, "changed-meanwhile", detail, version=version)


def handle(error: Exception, context: Any) -> Response | None:
    """Turn an exception into a response; None for errors of the server itself."""
    known = _known(error)
    if known is None:
        return None
    set_rollback()
    status = HTTPStatus(known.status_code)
    body: dict[str, Any] = {
        "type": TYPE + known.kind if isinstance(known, Problem) else "about:blank",
        "title": status.phrase,
        "status": int(status),
    }
    if isinstance(known, exceptions.ValidationError):
        body |= {"detail": _("Some values are not valid."), "errors": _by_field(known.detail)}
    else:
        body["detail"] = str(known.detail)
    if isinstance(known, Problem):
        body |= known.members
    return Response(body, status=status, headers=_headers(known), content_type=CONTENT_TYPE)


def _known(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, (Http404, UserFSM.DoesNotExist)):  # the second where somebody is deleted in the middle
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(*error.args[:1])
    if isinstance(error, ValidationError):
        return exceptions.ValidationError(getattr(error, "message_dict", error.messages))
    if isinstance(error, OutcomeUnknown):
        detail = _("The connection to the database was lost. Check whether the change was made.")
        return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "outcome-unknown", detail, version=error.sequence)
    return None


def _by_field(detail: Any) -> dict[str, Any]:
    return detail if isinstance(detail, dict) else {"": detail}


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(error.auth_header)  # type: ignore[attr-defined]
    if getattr(error, "wait", None) is not None:
        headers["Retry-After"] = str(max(1, int(error.wait)))  # type: ignore[attr-defined]
    return headers

"""Authenticates the service account of a token. Errors have the body of RFC 7644, 3.12."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django_scim.constants import SCIM_CONTENT_TYPE, SchemaURI
from rest_framework.exceptions import AuthenticationFailed

from users.api.authentication import ServiceTokenAuthentication


class TokenCheck:
    """Wraps every view of django-scim2 (its setting `AUTH_CHECK_MIDDLEWARE`)."""

    def __init__(self, get_response: Callable[..., HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            authenticated = ServiceTokenAuthentication().authenticate(request)
        except AuthenticationFailed as error:
            return refusal(HTTPStatus.UNAUTHORIZED, str(error.detail))
        if authenticated is None:
            return refusal(HTTPStatus.UNAUTHORIZED, "A token is required.")
        request.user, _ = authenticated
        return as_error(self.get_response(request, *args, **kwargs))


def as_error(response: HttpResponse) -> HttpResponse:
    """Return the same answer. An error gets its status as a text, and a body if it has none."""
    if response.status_code < HTTPStatus.BAD_REQUEST:
        return response
    try:
        body = json.loads(response.content)
    except ValueError:
        body = {"detail": HTTPStatus(response.status_code).phrase}
    made = refusal(HTTPStatus(response.status_code), body.get("detail", ""), body.get("scimType"))
    if "Allow" in response.headers:
        made.headers["Allow"] = response.headers["Allow"]
    return made


def refusal(status: HTTPStatus, detail: str, scim_type: str | None = None) -> HttpResponse:
    """An error of RFC 7644, 3.12."""
    body: dict[str, Any] = {"schemas": [SchemaURI.ERROR], "status": str(int(status)), "detail": detail}
    if scim_type:
        body["scimType"] = scim_type
    response = HttpResponse(json.dumps(body), status=status, content_type=SCIM_CONTENT_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response

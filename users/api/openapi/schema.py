"""How drf-spectacular describes the API: version 3.1 of OpenAPI, the token, the problems and the headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from users.api.serializers import Problem

Method = TypeVar("Method", bound=Callable[..., Any])

SETTINGS: Mapping[str, Any] = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "Accounts",
    "DESCRIPTION": "The life of user accounts, and the record of it. Every change goes through the same permissions "
    "and protections as the administration.",
    "VERSION": "1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {"State": "users.states.State", "Cause": "users.causes.Cause"},
    "DISABLE_ERRORS_AND_WARNINGS": False,
}

KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description="The key of the user.")
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of the account. If the account has changed since, nothing is done (412).",
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Any text of your own. The same request with the same key gets the same answer, and is done once.",
)

PAGES = [
    OpenApiParameter("cursor", str, description="From `next` of the page before."),
    OpenApiParameter("limit", int, description="At most 500, by default 100."),
]

_MEANINGS = {
    400: "Some values are not valid.",
    401: "No valid session or token.",
    403: "Not permitted, or the account is protected.",
    404: "There is no such thing.",
    405: "The path has no such method.",
    409: "The state of the account does not allow it, or the key is in use.",
    412: "The account has changed since the version of `If-Match`.",
    415: "The body is not JSON.",
    422: "The key was used for another request.",
    429: "Too many requests; `Retry-After` says when to try again.",
    503: "The connection to the database was lost; check whether the change was made.",
}
_EXAMPLES = {
    409: OpenApiExample(
        "The account is locked already",
        {
            "type": "urn:user-lifecycle:problem:wrong-state",
            "title": "Conflict",
            "status": 409,
            "detail": "already locked",
            "operation": "lock",
            "state": "locked",
        },
        media_type="application/problem+json",
        response_only=True,
        status_codes=["409"],
    )
}
_READING = (400, 401, 403, 404, 405, 429)
_CHANGING = (*_READING, 409, 412, 415, 422, 503)


def problems(statuses: tuple[int, ...]) -> dict[Any, Any]:
    """The problems with these statuses, as responses of an operation."""
    return {(status, "application/problem+json"): OpenApiResponse(Problem, _MEANINGS[status]) for status in statuses}


def _described(**kwargs: Any) -> Callable[[Method], Method]:
    """
    drf-spectacular's decorator, on its own schema class whatever a project's `DEFAULT_SCHEMA_CLASS` is.

    The method remembers the parameters of its query, so that the view refuses what is not described.
    """
    parameters = kwargs.get("parameters", ())

    def decorate(method: Method) -> Method:
        method.schema = AutoSchema  # type: ignore[attr-defined]
        method.offered = frozenset(  # type: ignore[attr-defined]
            each.name for each in parameters if each.location == OpenApiParameter.QUERY
        )
        decorated: Method = extend_schema(**kwargs)(method)
        return decorated

    return decorate


def reading(responses: Any, **kwargs: Any) -> Callable[[Method], Method]:
    """Describe a GET."""
    return _described(responses={200: responses, **problems(_READING)}, **kwargs)


def changing(
    request: Any, responses: Any, *, status: int = 200, parameters: tuple[Any, ...] = (), **kwargs: Any
) -> Callable[[Method], Method]:
    """Describe a POST or DELETE, with examples of what it refuses."""
    examples = [*kwargs.pop("examples", ()), _EXAMPLES[409]]
    return _described(
        request=request,
        responses={status: responses, **problems(_CHANGING)},
        parameters=[*parameters, IDEMPOTENCY_KEY],
        examples=examples,
        **kwargs,
    )


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer …`."""

    target_class = "users.api.authentication.ServiceTokenAuthentication"
    name = "serviceToken"
    priority = 1  # before the one for all of knox's

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


__all__ = ["IF_MATCH", "KEY", "PAGES", "SETTINGS", "OpenApiExample", "OpenApiTypes", "changing", "problems", "reading"]

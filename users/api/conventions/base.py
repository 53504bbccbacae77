"""The base of all views of the API, independent of a project's `REST_FRAMEWORK`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView

from users.api.authentication import ServiceTokenAuthentication
from users.api.conventions import idempotency, problems
from users.conf import conf


class Throttle(UserRateThrottle):
    """`USERS_API_RATE` requests for each caller."""

    scope = "user_lifecycle_api"

    def get_rate(self) -> str | None:
        return conf.api_rate


class Parser(JSONParser):
    """JSON. A body that is nested too deeply for Python is malformed, and no error of the server."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError as error:
            raise ParseError(_("This is nested too deeply.")) from error


class View(APIView):
    """A view with our ways to authenticate, problem details, throttling and `Idempotency-Key`."""

    authentication_classes = (ServiceTokenAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated,)
    throttle_classes = (Throttle,)
    parser_classes = (Parser,)
    renderer_classes = (JSONRenderer,)
    versioning_class = None
    schema = AutoSchema()
    remembered: idempotency.Attempt | None = None
    permission: str | None = None
    """The permission that every method of the view needs."""

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return problems.handle

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if self.permission and not request.user.has_perm(self.permission):
            raise PermissionDenied

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        # Clients send all kinds of Accept headers, and there is one format.
        return super().perform_content_negotiation(request, force=True)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self._refuse_unknown_parameters(request)
        self.remembered = idempotency.begin(request) if request.method == "POST" else None

    def _refuse_unknown_parameters(self, request: Request) -> None:
        """Raise 400 for a parameter that the method does not offer: without a filter, a list shows too much."""
        offered = getattr(getattr(self, str(request.method).lower(), None), "offered", None)
        unknown = [] if offered is None else [name for name in request.query_params if name not in offered]
        if unknown:
            raise ValidationError({name: [_("There is no such parameter.")] for name in unknown})

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        self.remembered = None
        return super().dispatch(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, idempotency.Answered):
            return exc.response
        if self.remembered is not None:
            self.remembered.forget()
            self.remembered = None
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if self.remembered is not None:
            self.remembered.keep(response)
            self.remembered = None
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("Cache-Control", "no-store")
        return final


class Nowhere(View):
    """The answer to paths that the API does not have: 404, to callers who are known."""

    schema = None  # type: ignore[assignment]  # how drf-spectacular leaves a view out

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404

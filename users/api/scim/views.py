"""The endpoints: django-scim2's, with queries that the database pages."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth import get_user_model
from django.db import router
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django_scim import views
from django_scim.constants import SCIM_CONTENT_TYPE, SchemaURI
from django_scim.exceptions import BadRequestError, NotFoundError

from users.api import accounts
from users.api.conventions.numbers import number_in
from users.api.scim import filtering, provisioning
from users.api.scim.adapter import Account
from users.models import UserFSM
from users.rows.provisioning import provision

MOST = 200
"""The largest number of users on a page."""


class Reading:
    """The base of our views."""

    def load_body(self, body: bytes) -> Any:
        """The JSON of a request; raises 400 for anything but an object."""
        try:
            loaded = json.loads(body or b"{}")
        except (ValueError, RecursionError) as error:
            raise BadRequestError("The body is not JSON.", scim_type="invalidSyntax") from error
        if not isinstance(loaded, dict):
            raise BadRequestError("The body is not an object.", scim_type="invalidSyntax")
        return loaded


class UsersView(Reading, views.UsersView):  # type: ignore[misc]
    """Users: list with filter and pages, read, create, replace, change, delete."""

    scim_adapter_getter = staticmethod(lambda: Account)

    def get_object(self) -> Any:
        provisioning.require(self.request.user, "user_lifecycle.view_userfsm")
        try:
            user = get_user_model()._default_manager.filter(pk=accounts.key_of(self.kwargs["uuid"])).first()
        except Http404:
            user = None
        if user is None:
            raise NotFoundError(self.kwargs["uuid"])
        if not hasattr(user, "fsm"):
            provision([user], using=router.db_for_write(UserFSM))
        return user

    def get_many(self, request: HttpRequest) -> HttpResponse:
        """The users that the filter selects, in the order of their keys."""
        provisioning.require(request.user, "user_lifecycle.view_userfsm")
        people = get_user_model()._default_manager.select_related("fsm", "scim_identity").filter(fsm__isnull=False)
        users = filtering.described(people)
        if text := request.GET.get("filter"):
            users = filtering.filtered(users, text)
        start, count = _number(request, "startIndex", 1, least=1), _number(request, "count", MOST, least=0)
        return self._page_of(request, users.order_by("pk"), start, min(count, MOST))

    def _page_of(self, request: HttpRequest, users: QuerySet[Any], start: int, count: int) -> HttpResponse:
        try:
            found = list(users[start - 1 : start - 1 + count]) if count else []
            is_last = len(found) < count and (found or start == 1)
            total = start - 1 + len(found) if is_last else users.count()
        except (ValueError, TypeError, OverflowError) as error:  # a value that the field cannot be
            raise BadRequestError("The filter compares what cannot be compared.", scim_type="invalidFilter") from error
        body = {
            "schemas": [SchemaURI.LIST_RESPONSE],
            "totalResults": total,
            "itemsPerPage": len(found),
            "startIndex": start,
            "Resources": [Account(user, request=request).to_dict() for user in found],
        }
        return HttpResponse(json.dumps(body), content_type=SCIM_CONTENT_TYPE)


class ServiceProviderConfigView(views.SCIMView):  # type: ignore[misc]
    """The capabilities of this server (RFC 7643, 5)."""

    http_method_names = ("get",)

    def get(self, request: HttpRequest) -> HttpResponse:
        scheme = {
            "type": "oauthbearertoken",
            "name": "Token of a service account",
            "description": "Authorization: Bearer, with a token from the administration",
            "primary": True,
        }
        path = request.build_absolute_uri(reverse("scim:service-provider-config"))
        body = {
            "schemas": [SchemaURI.SERVICE_PROVIDER_CONFIG],
            "patch": {"supported": True},
            "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
            "filter": {"supported": True, "maxResults": MOST},
            "changePassword": {"supported": False},
            "sort": {"supported": False},
            "etag": {"supported": False},
            "authenticationSchemes": [scheme],
            "meta": {"resourceType": "ServiceProviderConfig", "location": path},
        }
        return HttpResponse(json.dumps(body), content_type=SCIM_CONTENT_TYPE)


class ResourceTypesView(views.ResourceTypesView):  # type: ignore[misc]
    """The resource types: users alone."""

    def type_dict_by_type_id(self, request: HttpRequest) -> dict[str, Any]:
        location = request.build_absolute_uri(reverse("scim:resource-types", kwargs={"uuid": "User"}))
        user = {
            "schemas": [SchemaURI.RESOURCE_TYPE],
            "id": "User",
            "name": "User",
            "endpoint": "/Users",
            "description": "User Account",
            "schema": SchemaURI.USER,
            "meta": {"resourceType": "ResourceType", "location": location},
        }
        return {"User": user}

    def get(self, request: HttpRequest, uuid: str | None = None, *args: Any, **kwargs: Any) -> HttpResponse:
        return _listed(super().get(request, uuid, *args, **kwargs))


class SchemasView(views.SchemasView):  # type: ignore[misc]
    """The schemas: the one of users alone."""

    schemas_by_uri = {SchemaURI.USER: views.SchemasView.schemas_by_uri[SchemaURI.USER]}

    def get(self, request: HttpRequest, uuid: str | None = None, *args: Any, **kwargs: Any) -> HttpResponse:
        return _listed(super().get(request, uuid, *args, **kwargs))


class NotFoundView(views.SCIMView):  # type: ignore[misc]
    """The answer at every other address: an error that providers can read."""

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raise NotFoundError(request.path)


def _listed(response: HttpResponse) -> HttpResponse:
    """A list with its counts, which django-scim2 leaves out (RFC 7644, 3.4.2)."""
    body = json.loads(response.content) if response.content else {}
    if "Resources" in body:
        number = len(body["Resources"])
        body |= {"totalResults": number, "itemsPerPage": number, "startIndex": 1}
        response.content = json.dumps(body).encode()
    return response


def _number(request: HttpRequest, name: str, default: int, *, least: int) -> int:
    """A number of the query; too small ones are raised, as RFC 7644, 3.4.2.4 says."""
    text = request.GET.get(name, str(default))
    number = number_in(text.removeprefix("-"))
    if number is None:
        raise BadRequestError(f"{name} is not a number.", scim_type="invalidValue")
    return least if text.startswith("-") else max(number, least)

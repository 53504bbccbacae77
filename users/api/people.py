"""People: a list, and one person."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from users.actors import logged_in_user
from users.api import accounts
from users.api.conventions import paging
from users.api.conventions.base import View
from users.api.openapi.schema import KEY, PAGES, OpenApiExample, reading
from users.api.serializers import People, Person
from users.models import UserFSM
from users.states import State

VIEW = "user_lifecycle.view_userfsm"

EXAMPLE = OpenApiExample(
    "A locked person",
    {
        "id": "7",
        "username": "ada",
        "email": "ada@example.com",
        "state": "locked",
        "version": 4,
        "locked_until": None,
        "since": "2026-11-25T09:30:00Z",
        "cause": "request",
        "reason": "reported stolen",
        "operations": ["unlock", "deactivate"],
    },
    response_only=True,
    status_codes=["200"],
)


class PeopleView(View):
    """People, in the order of their accounts' keys."""

    permission = VIEW

    @reading(
        People,
        operation_id="people",
        tags=["people"],
        parameters=[
            OpenApiParameter("state", str, enum=State.values),
            OpenApiParameter("username", str),
            OpenApiParameter("email", str),
            *PAGES,
        ],
    )
    def get(self, request: Request) -> Response:
        """List people."""
        query = request.query_params
        found = UserFSM.objects.select_related("user").order_by("pk")
        if state := query.get("state"):
            if state not in State.values:
                raise ValidationError({"state": ["This is not a state."]})
            found = found.in_state(State(state))
        for name, field in (("username", get_user_model().USERNAME_FIELD), ("email", _email_field())):
            if text := query.get(name):
                found = found.filter(**{f"user__{field}": text}) if text.isprintable() else found.none()
        return paging.answer(request, found, "pk__gt", accounts.brief)


class PersonView(View):
    """One person."""

    permission = VIEW

    @reading(Person, operation_id="person", tags=["people"], parameters=[KEY], examples=[EXAMPLE])
    def get(self, request: Request, key: str) -> Response:
        """Show a person's state, since when and why, and what the caller may do now."""
        fsm = accounts.find(key)
        body = accounts.described(fsm, by=logged_in_user(request))
        return Response(body, headers={"ETag": accounts.etag(fsm)})


def _email_field() -> str:
    model: Any = get_user_model()
    return str(model.get_email_field_name())

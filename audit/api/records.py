"""The record: a list with filters, one person's, and the state at a time."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.db import router
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from audit import replica
from audit.api import filters
from audit.api.serializers import Records, StateAt, described
from audit.exceptions import StateNotKnown
from audit.export import paging
from audit.export.paging import Page, Place
from audit.models import Reading, UserStateAudit
from audit.models.querysets import UserStateAuditQuerySet
from audit.recording import reads
from users.api import accounts
from users.api.conventions import problems
from users.api.conventions.base import View
from users.api.conventions.paging import limit_of, link
from users.api.openapi.schema import KEY, OpenApiExample, reading

VIEW = "user_audit.view_userstateaudit"
CURSORS = [
    OpenApiParameter("cursor", str, description="From `next` or `previous`."),
    OpenApiParameter("limit", int, description="At most 500, by default 100."),
]
EXAMPLE = OpenApiExample(
    "A lock",
    {
        "next": None,
        "previous": None,
        "as_of": None,
        "results": [
            {
                "id": "912",
                "user": "7",
                "username": "ada",
                "sequence": 4,
                "transition": "lock",
                "cause": "request",
                "start_state": "active",
                "end_state": "locked",
                "datetime": "2026-11-25T09:30:00Z",
                "locked_until": None,
                "actor": "3",
                "actor_kind": "machine",
                "initiated_by": "helpdesk",
                "impersonator_name": "",
                "description": "reported stolen",
                "reason": "reported stolen",
                "details": {"on_behalf_of": "grace", "token": "Helpdesk"},
                "ip_address": "192.0.2.7",
                "user_agent": "helpdesk/2.1",
                "request_id": "5b2c8f0d6a1e4f0c9d3b7a8e1f2c4d6e",
            }
        ],
    },
    response_only=True,
    status_codes=["200"],
)


class RecordsView(View):
    """The whole record."""

    permission = VIEW

    @reading(
        Records,
        operation_id="records",
        tags=["record"],
        parameters=[*filters.PARAMETERS, *CURSORS],
        examples=[EXAMPLE],
    )
    @replica.or_primary
    def get(self, request: Request) -> Response:
        """List changes of state, newest first. The cursor stays right while records arrive."""
        records = filters.filtered(_records(), request.query_params)
        return paged(request, records, Reading.LIST)


class PersonRecordsView(View):
    """The record of one person."""

    permission = VIEW

    @reading(Records, operation_id="person_records", tags=["record"], parameters=[KEY, *CURSORS])
    @replica.or_primary
    def get(self, request: Request, key: str) -> Response:
        """List everything that happened to a person since the last birth under this key, newest first."""
        user = _Key(accounts.key_of(key))
        return paged(request, _records().of(user), Reading.TIMELINE)  # type: ignore[arg-type]


class StateAtView(View):
    """The state of an account at a time."""

    permission = VIEW

    @reading(
        StateAt,
        operation_id="state_at",
        tags=["record"],
        parameters=[KEY, OpenApiParameter("moment", OpenApiTypes.DATETIME, required=True)],
    )
    def get(self, request: Request, key: str) -> Response:
        """Say from the record alone in which state an account was."""
        text = request.query_params.get("moment")
        if not text:
            raise ValidationError({"moment": ["This parameter is required."]})
        user, moment = _Key(accounts.key_of(key)), filters.moment("moment", text)
        # Not from a replica, which may not have the last record.
        records = UserStateAudit.objects.using(router.db_for_write(UserStateAudit))
        try:
            state = records.state_at(user, moment)  # type: ignore[arg-type]
        except StateNotKnown as error:
            raise problems.Problem(HTTPStatus.NOT_FOUND, "state-not-known", str(error)) from error
        return Response({"id": str(user.pk), "moment": moment, "state": state and state.value})


def _records() -> UserStateAuditQuerySet:
    """The record, from the replica where there is one."""
    return UserStateAudit.objects.using(replica.place().using)


class _Key:
    """A user with only a key, because deleted users are still in the record."""

    def __init__(self, pk: Any) -> None:
        self.pk = pk

    def get_username(self) -> str:
        return str(self.pk)


def paged(request: Request, records: Any, what: Reading) -> Response:
    """Return the page that the request's cursor names, with links to its neighbours."""
    page = _page(records, limit_of(request), request.query_params.get("cursor"))
    reads.page(request._request, what, len(page.records))  # noqa: SLF001 - DRF's own name
    following = page.older and link(request, cursor=f"o{page.older}")
    preceding = page.newer and link(request, cursor=f"n{page.newer}")
    as_of = replica.place().as_of
    body = {
        "next": following,
        "previous": preceding,
        "as_of": as_of,
        "results": [described(record) for record in page.records],
    }
    links = [f'<{url}>; rel="{rel}"' for url, rel in ((following, "next"), (preceding, "prev")) if url]
    return Response(body, headers={"Link": ", ".join(links)} if links else None)


def _page(records: Any, size: int, cursor: str | None) -> Page:
    if not cursor:
        return paging.newest(records, size)
    try:
        place = Place.parse(cursor[1:])
    except ValueError as error:
        raise ValidationError({"cursor": ["This is not a cursor."]}) from error
    if cursor[0] == "o":
        return paging.older(records, size, place=place)
    if cursor[0] == "n":
        return paging.newer(records, size, place=place)
    raise ValidationError({"cursor": ["This is not a cursor."]})

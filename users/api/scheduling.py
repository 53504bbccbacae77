"""Scheduled changes of an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from users import operations
from users.actors import logged_in_user
from users.api import accounts
from users.api.conventions import problems
from users.api.conventions.base import View
from users.api.conventions.numbers import number_in
from users.api.openapi.schema import KEY, OpenApiExample, changing, reading
from users.api.operating import TRANSITIONS, words_of
from users.api.serializers import Change, Changes, Reason, Scheduling
from users.exceptions import NotPending
from users.models import ScheduledChange, UserFSM
from users.models.scheduled_change import Outcome
from users.operations import scheduling
from users.operations.transitioning import opens_without_way_in

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

EXAMPLE = OpenApiExample(
    "A last working day",
    {"operation": "deactivate", "at": "2027-03-31T18:00:00Z", "description": "end of the contract"},
    request_only=True,
)


class SchedulesView(View):
    """The scheduled changes of an account."""

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if request.method == "GET" and not request.user.has_perm("user_lifecycle.view_userfsm"):
            raise PermissionDenied

    @reading(Changes, operation_id="schedules", tags=["schedule"], parameters=[KEY])
    def get(self, request: Request, key: str) -> Response:
        """List the scheduled changes of an account, newest first, with those that are settled."""
        fsm = accounts.find(key)
        found = ScheduledChange.objects.filter(user_id=fsm.user_id).order_by("-at", "-pk")[:500]
        return Response({"results": [_described(change, fsm.user) for change in found]})

    @changing(
        Scheduling,
        Change,
        status=201,
        operation_id="schedule",
        tags=["schedule"],
        parameters=(KEY,),
        examples=[EXAMPLE],
    )
    def post(self, request: Request, key: str) -> Response:
        """Schedule a transition. Whether it is allowed is asked again when it is due."""
        given = Scheduling(data=request.data)
        given.is_valid(raise_exception=True)
        name, until = given.validated_data["operation"], given.validated_data.get("until")
        if name not in TRANSITIONS:
            raise ValidationError({"operation": [_("This is not a transition.")]})
        fsm = accounts.find(key)
        operations.ALL[name].require_permission(request.user, UserFSM.objects.filter(pk=fsm.pk))
        words = words_of(given.validated_data, request) | {"at": given.validated_data["at"]}
        try:
            change = scheduling.schedule(name, fsm, by=logged_in_user(request), **words)
        except ValueError as error:
            raise ValidationError({"until" if until else "at": [str(error)]}) from error
        return Response(_described(change, fsm.user), status=201)


class ScheduleView(View):
    """Cancel a scheduled change."""

    @changing(
        Reason,
        Change,
        operation_id="cancel_schedule",
        tags=["schedule"],
        parameters=(KEY, OpenApiParameter("change", str, OpenApiParameter.PATH)),
    )
    def post(self, request: Request, key: str, change: str) -> Response:
        """Cancel a scheduled change that is still pending."""
        given = Reason(data=request.data)
        given.is_valid(raise_exception=True)
        fsm = accounts.find(key)
        if (number := number_in(change)) is None:
            raise Http404
        found = ScheduledChange.objects.filter(user_id=fsm.user_id, pk=number).first()
        if found is None:
            raise Http404
        operations.ALL[found.transition].require_permission(request.user, UserFSM.objects.filter(pk=fsm.pk))
        try:
            scheduling.cancel(found, fsm, by=logged_in_user(request), **words_of(given.validated_data, request))
        except NotPending as error:
            raise problems.wrong_state("cancel", error.outcome, _("It is no longer pending.")) from error
        return Response(_described(found, fsm.user))


def _described(change: ScheduledChange, user: User) -> dict[str, Any]:
    return {
        "id": str(change.pk),
        "operation": change.transition,
        "at": change.at,
        "until": change.until,
        "description": change.description,
        "scheduled_by": change.scheduled_by,
        "scheduled_at": change.scheduled_at,
        "outcome": change.outcome,
        "note": change.note,
        "without_way_in": change.outcome == Outcome.PENDING and opens_without_way_in(change.transition, user),
    }

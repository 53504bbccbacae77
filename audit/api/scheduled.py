"""The steps of scheduled changes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audit.api import notes
from audit.api.filters import key
from audit.models import SchedulingNote, Step
from users.actors import ActorKind
from users.api.conventions.base import View
from users.api.openapi.schema import PAGES, reading
from users.api.serializers import Serializer


class ScheduleStep(Serializer):
    """A change was scheduled, made, refused or cancelled."""

    id = serializers.CharField()
    change = serializers.CharField()
    user = serializers.CharField()
    username = serializers.CharField(allow_blank=True)
    what = serializers.ChoiceField(choices=Step.choices)
    transition = serializers.CharField()
    at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    datetime = serializers.DateTimeField()
    actor = serializers.CharField(allow_null=True)
    actor_kind = serializers.ChoiceField(choices=ActorKind.choices)
    initiated_by = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    details = serializers.DictField()
    ip_address = serializers.CharField(allow_blank=True)
    request_id = serializers.CharField(allow_blank=True)


class ScheduleSteps(Serializer):
    """A page of steps, newest first."""

    next = serializers.URLField(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True)
    results = ScheduleStep(many=True)


class ScheduleStepsView(View):
    """Steps of scheduled changes, newest first."""

    permission = "user_audit.view_schedulingnote"

    @reading(
        ScheduleSteps,
        operation_id="schedule_steps",
        tags=["record"],
        parameters=[OpenApiParameter("user", str, description="The key of a user."), *PAGES],
    )
    def get(self, request: Request) -> Response:
        """List who scheduled or cancelled what and why, and what became of it."""
        found = SchedulingNote.objects.all()
        if user := request.query_params.get("user"):
            found = found.filter(user_id=key("user", user))
        return notes.page_of(request, found, _described)


AS_THEY_ARE = (
    "username",
    "what",
    "transition",
    "at",
    "until",
    "datetime",
    "actor_kind",
    "initiated_by",
    "description",
    "details",
    "ip_address",
    "request_id",
)


def _described(note: SchedulingNote) -> dict[str, Any]:
    return notes.described(note, *AS_THEY_ARE) | {"change": str(note.change)}

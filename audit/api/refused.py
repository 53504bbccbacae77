"""Refused transitions in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audit.api import notes
from audit.models import RefusedTransition
from users.actors import ActorKind
from users.api.conventions.base import View
from users.api.openapi.schema import PAGES, reading
from users.api.serializers import Serializer
from users.lifecycle import RefusalReason
from users.states import State


class Refused(Serializer):
    """A transition that somebody requested and that was refused."""

    id = serializers.CharField()
    user = serializers.CharField()
    username = serializers.CharField(allow_blank=True)
    transition = serializers.CharField()
    state = serializers.ChoiceField(choices=State.choices)
    reason = serializers.ChoiceField(choices=RefusalReason.choices)
    datetime = serializers.DateTimeField()
    actor = serializers.CharField(allow_null=True)
    actor_kind = serializers.ChoiceField(choices=ActorKind.choices)
    initiated_by = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    ip_address = serializers.CharField(allow_blank=True)
    request_id = serializers.CharField(allow_blank=True)


class Refusals(Serializer):
    """A page of refusals, newest first."""

    next = serializers.URLField(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True)
    results = Refused(many=True)


class RefusalsView(View):
    """Refusals, newest first."""

    permission = "user_audit.view_refusedtransition"

    @reading(
        Refusals,
        operation_id="refusals",
        tags=["record"],
        parameters=PAGES,
    )
    def get(self, request: Request) -> Response:
        """List refused transitions: who asked for what, and why not."""
        return notes.page_of(request, RefusedTransition.objects.all(), _described)


AS_THEY_ARE = (
    "username",
    "transition",
    "state",
    "reason",
    "datetime",
    "actor_kind",
    "initiated_by",
    "description",
    "ip_address",
    "request_id",
)


def _described(refusal: RefusedTransition) -> dict[str, Any]:
    return notes.described(refusal, *AS_THEY_ARE)

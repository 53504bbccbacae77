"""Records as the API shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from audit.models import UserStateAudit
from audit.reasons import reason
from users.actors import ActorKind
from users.api.serializers import Serializer
from users.causes import Cause
from users.states import State


class Record(Serializer):
    """One change of state."""

    id = serializers.CharField()
    user = serializers.CharField()
    username = serializers.CharField(allow_blank=True)
    sequence = serializers.IntegerField()
    transition = serializers.CharField()
    cause = serializers.ChoiceField(choices=Cause.choices, allow_blank=True)
    start_state = serializers.ChoiceField(choices=State.choices, allow_blank=True)
    end_state = serializers.ChoiceField(choices=State.choices, allow_blank=True)
    datetime = serializers.DateTimeField()
    locked_until = serializers.DateTimeField(allow_null=True)
    actor = serializers.CharField(allow_null=True)
    actor_kind = serializers.ChoiceField(choices=ActorKind.choices, allow_blank=True)
    initiated_by = serializers.CharField(allow_blank=True)
    impersonator_name = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    details = serializers.DictField()
    ip_address = serializers.CharField(allow_blank=True)
    user_agent = serializers.CharField(allow_blank=True)
    request_id = serializers.CharField(allow_blank=True)


class Records(Serializer):
    """A page of records, newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True)
    """The time up to which the replica was current; null if the primary was read."""

    results = Record(many=True)


class StateAt(Serializer):
    """The state of an account at a time; null before its birth and after its death."""

    id = serializers.CharField()
    moment = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=State.choices, allow_null=True)


AS_THEY_ARE = (
    "username",
    "sequence",
    "transition",
    "cause",
    "start_state",
    "end_state",
    "datetime",
    "locked_until",
    "actor_kind",
    "initiated_by",
    "impersonator_name",
    "description",
    "details",
    "ip_address",
    "user_agent",
    "request_id",
)


def described(record: UserStateAudit) -> dict[str, Any]:
    """One record."""
    return {
        "id": str(record.pk),
        "user": str(record.user_id),
        "actor": None if record.actor_id is None else str(record.actor_id),
        "reason": reason(record),
        **{name: getattr(record, name) for name in AS_THEY_ARE},
        "sequence": _number(record.sequence),
    }


def _number(value: object) -> int | str:
    """The number; SQLite may have anything in its place."""
    return value if isinstance(value, int) else str(value)

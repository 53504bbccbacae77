"""Filters of the list of records. An unknown value is refused before it reaches the database."""

from __future__ import annotations

from typing import Any

from django.http import Http404, QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.fields import DateTimeField

from audit.models.querysets import UserStateAuditQuerySet
from users.actors import ActorKind
from users.api import accounts
from users.causes import Cause
from users.states import State

CHOICES: dict[str, tuple[str, list[str]]] = {
    "to": ("end_state", list(State.values)),
    "from": ("start_state", list(State.values)),
    "cause": ("cause", list(Cause.values)),
    "actor_kind": ("actor_kind", list(ActorKind.values)),
}
KEYS = {"user": "user_id", "actor": "actor_id"}
TEXTS = {
    "username": "username",
    "initiated_by": "initiated_by",
    "ip_address": "ip_address",
    "request_id": "request_id",
    "transition": "transition",
}
BY_PREFIX = frozenset({"username", "initiated_by", "ip_address"})
"""Texts with a `PrefixIndex`, which serves only comparisons that ignore case."""

KINDS = ("cause", "actor_kind", "start_state")
"""The columns of `of_kind`."""

MOMENTS = {"after": "datetime__gte", "before": "datetime__lt"}
LONGEST = 255

PARAMETERS = [
    *(OpenApiParameter(name, str, enum=values) for name, (_, values) in CHOICES.items()),
    *(OpenApiParameter(name, str, description="The key of a user.") for name in KEYS),
    *(OpenApiParameter(name, str, description="Exactly this text.") for name in TEXTS),
    OpenApiParameter("after", OpenApiTypes.DATETIME, description="From this time on."),
    OpenApiParameter("before", OpenApiTypes.DATETIME, description="Before this time."),
]


def filtered(records: UserStateAuditQuerySet, query: QueryDict) -> UserStateAuditQuerySet:
    """The records that match all filters in the query; raises `ValidationError` for values that make no sense."""
    conditions: dict[str, Any] = {}
    for name, value in query.items():
        if not value:
            continue
        if name in CHOICES:
            conditions[CHOICES[name][0]] = _one_of(name, str(value), CHOICES[name][1])
        elif name in KEYS:
            conditions[KEYS[name]] = key(name, str(value))
        elif name in TEXTS:
            conditions[TEXTS[name]] = _text(name, str(value))
            if name in BY_PREFIX:
                conditions[f"{TEXTS[name]}__iexact"] = value
        elif name in MOMENTS:
            conditions[MOMENTS[name]] = moment(name, str(value))
    kinds = {name: conditions.pop(name) for name in KINDS if name in conditions}
    return records.of_kind(**kinds).filter(**conditions)


def moment(name: str, value: str) -> Any:
    """The time that this text names; raises `ValidationError`."""
    try:
        return DateTimeField().to_internal_value(value.replace(" ", "+") if "T" in value else value)
    except (ValidationError, OverflowError, ValueError) as error:
        raise ValidationError({name: ["This is not a time such as 2026-11-25T12:00:00Z."]}) from error


def _one_of(name: str, value: str, values: list[str]) -> str:
    if value not in values:
        raise ValidationError({name: [f"This is not one of {', '.join(values)}."]})
    return value


def key(name: str, value: str) -> Any:
    """The key of a user that this text names; raises `ValidationError`."""
    try:
        return accounts.key_of(value)
    except Http404 as error:
        raise ValidationError({name: ["This is not the key of a user."]}) from error


def _text(name: str, value: str) -> str:
    if not value.isprintable() or len(value) > LONGEST:
        raise ValidationError({name: ["This text cannot be in a record."]})
    return value

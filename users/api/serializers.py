"""The bodies of requests and responses of the API, from which drf-spectacular describes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from users.causes import Cause
from users.database.moments import refuse_unkeepable
from users.states import State

REASON_LENGTH = 1000
MOST_ACCOUNTS = 1000
"""The largest number of accounts in one request."""


class Serializer(serializers.Serializer[Any]):
    """A serializer that neither creates nor updates; views do."""


def _in_the_future(moment: datetime) -> None:
    if moment <= timezone.now():
        raise serializers.ValidationError(_("This time has passed."))
    try:
        refuse_unkeepable(moment)
    except ValueError as error:
        raise serializers.ValidationError(_("This time is too far ahead.")) from error


class Reason(Serializer):
    """Why, and for whom: both stand in the audit trail."""

    description = serializers.CharField(max_length=REASON_LENGTH)
    on_behalf_of = serializers.CharField(max_length=255, required=False, allow_blank=True)
    """The person for whom a service account acts, such as the agent at a helpdesk."""


class LockReason(Reason):
    """The reason of a lock, and its end."""

    until = serializers.DateTimeField(required=False, allow_null=True, validators=[_in_the_future])


class Many(Reason):
    """One operation on many accounts."""

    users = serializers.ListField(child=serializers.CharField(max_length=255), min_length=1, max_length=MOST_ACCOUNTS)
    until = serializers.DateTimeField(required=False, allow_null=True, validators=[_in_the_future])
    dry_run = serializers.BooleanField(default=False)


class Invitation(Serializer):
    """A person to invite."""

    email = serializers.EmailField(max_length=254)
    username = serializers.CharField(max_length=255)
    first_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    last_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    ends_at = serializers.DateTimeField(required=False, allow_null=True, validators=[_in_the_future])


class Scheduling(LockReason):
    """A change to schedule for an account."""

    operation = serializers.CharField(max_length=50)
    at = serializers.DateTimeField(validators=[_in_the_future])


class Account(Serializer):
    """An account after a change."""

    id = serializers.CharField()
    username = serializers.CharField()
    state = serializers.ChoiceField(choices=State.choices)
    version = serializers.IntegerField()
    locked_until = serializers.DateTimeField(allow_null=True)


class Changed(Account):
    """An account after an operation."""

    without_way_in = serializers.BooleanField(
        help_text="The account is open, and has neither a password nor an email address to which a link to choose one"
        " could be sent: set one of them, or the person cannot log in with a password."
    )


class Person(Account):
    """An account, since when it is in its state, why, and what the caller may do now."""

    email = serializers.CharField(allow_blank=True)
    since = serializers.DateTimeField(allow_null=True)
    cause = serializers.ChoiceField(choices=Cause.choices, allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    operations = serializers.ListField(child=serializers.CharField())


class People(Serializer):
    """A page of accounts."""

    next = serializers.URLField(allow_null=True)
    results = Account(many=True)


class Count(Serializer):
    """The number of accounts left for one reason."""

    reason = serializers.CharField()
    count = serializers.IntegerField()


class Named(Serializer):
    """An account that is left, and why."""

    id = serializers.CharField()
    reason = serializers.CharField()


class Result(Serializer):
    """The result of an operation on many accounts, or with `dry_run` what it would do."""

    changed = serializers.IntegerField()
    without_way_in = serializers.IntegerField(
        help_text="How many of them are open, and have neither a password nor an email address to get one."
    )
    left = Count(many=True)
    left_accounts = Named(many=True)
    dry_run = serializers.BooleanField()


class Change(Serializer):
    """A scheduled change."""

    id = serializers.CharField()
    operation = serializers.CharField()
    at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    description = serializers.CharField(allow_blank=True)
    scheduled_by = serializers.CharField()
    scheduled_at = serializers.DateTimeField()
    outcome = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    without_way_in = serializers.BooleanField(
        help_text="The change is pending and will open the account, which has neither a password nor an email address."
    )


class Changes(Serializer):
    """The scheduled changes of an account."""

    results = Change(many=True)


class Problem(Serializer):
    """Problem details, RFC 9457. `state` is the state that stood in the way."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    state = serializers.CharField(required=False)
    operation = serializers.CharField(required=False)
    version = serializers.IntegerField(required=False, allow_null=True)
    errors = serializers.DictField(required=False)  # type: ignore[assignment]

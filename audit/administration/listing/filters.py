"""
Filters of the list of records.

Those with few choices stand beside the list. Filters that a link or the form above the list sets are shown only while
they are set, with a link that removes them.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.administration.periods import PERIODS, start_of
from audit.models import UserStateAudit
from users.actors import ActorKind
from users.states import State

Records = QuerySet[UserStateAudit]
Choices = list[tuple[str, Any]]


class KnownValues(admin.SimpleListFilter):
    """A filter that accepts only its choices. With another value nothing is found, and the page drops it."""

    def queryset(self, request: HttpRequest, queryset: Records) -> Records:
        value = self.value()
        if value is None:
            return queryset
        known = value in {choice for choice, _ in self.lookup_choices}
        return self.chosen(queryset, value) if known else queryset.none()

    def chosen(self, records: Records, value: str) -> Records:
        """Return the records for this choice."""
        raise NotImplementedError


class EndStateFilter(KnownValues):
    """Filters by the state after the change."""

    title = _("new state")
    parameter_name = "to"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(State.choices)

    def chosen(self, records: Records, value: str) -> Records:
        return records.filter(end_state=value)


class StartStateFilter(KnownValues):
    """Filters by the state before the change."""

    title = _("previous state")
    parameter_name = "from"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(State.choices)

    def chosen(self, records: Records, value: str) -> Records:
        return records.of_kind(start_state=value)  # type: ignore[attr-defined,no-any-return]


class LockoutFilter(KnownValues):
    """Filters by the cause of a lock."""

    title = _("lock")
    parameter_name = "lock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("automatic", _("After failed logins"))]

    def chosen(self, records: Records, value: str) -> Records:
        return records.lockouts()  # type: ignore[attr-defined,no-any-return]


class InitiatorFilter(KnownValues):
    """Filters by the kind of actor."""

    title = _("actor")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(kind.value, kind.label) for kind in ActorKind]

    def chosen(self, records: Records, value: str) -> Records:
        return records.of_kind(actor_kind=value)  # type: ignore[attr-defined,no-any-return]


class PeriodFilter(KnownValues):
    """Filters by time, in days up to today."""

    title = _("time")
    parameter_name = "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(str(days), title) for days, title in PERIODS.items()]

    def chosen(self, records: Records, value: str) -> Records:
        return records.filter(datetime__gte=start_of(int(value)))


class ShownWhileSet(admin.SimpleListFilter):
    """A filter that a link or the form sets. It is shown only while it is set."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        value = self.value()
        if value is None:
            return []
        return [(value, self.label(self.clean(value)))]

    def queryset(self, request: HttpRequest, queryset: Records) -> Records:
        value = self.value()
        return queryset if value is None else self.chosen(queryset, self.clean(value))

    def clean(self, value: str) -> Any:
        """Return the checked value; raise `IncorrectLookupParameters` if it is invalid."""
        return value

    def label(self, value: Any) -> str:
        """Return the label of this value."""
        return str(value)

    def chosen(self, records: Records, value: Any) -> Records:
        """Return the records for this value."""
        raise NotImplementedError


class ByKey(ShownWhileSet):
    """Filters by the key of a user, because a name may have belonged to somebody else."""

    def clean(self, value: str) -> Any:
        try:
            return get_user_model()._meta.pk.clean(value, None)
        except ValidationError as error:
            raise IncorrectLookupParameters(error) from error


class AccountFilter(ByKey):
    """Filters by account."""

    title = _("account")
    parameter_name = "user"

    def label(self, value: Any) -> str:
        last = UserStateAudit.objects.filter(user_id=value).order_by("-sequence").first()
        return last.username if last else str(value)

    def chosen(self, records: Records, value: Any) -> Records:
        return records.filter(user_id=value)


class ActorFilter(ByKey):
    """Filters by actor."""

    title = _("actor")
    parameter_name = "actor"

    def label(self, value: Any) -> str:
        last = UserStateAudit.objects.filter(actor_id=value).order_by("-datetime", "-pk").first()
        return last.initiated_by if last else str(value)

    def chosen(self, records: Records, value: Any) -> Records:
        return records.filter(actor_id=value)


ALWAYS_SHOWN = (EndStateFilter, StartStateFilter, LockoutFilter, InitiatorFilter, PeriodFilter)
"""The filters beside the list."""

"""The last login of each person in the list, and how soon the account is dormant for the lack of one."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from users.administration.moments import ago
from users.conf import conf
from users.lists import PagedList
from users.models.querysets import UserFSMQuerySet
from users.rows.user_model import has_field
from users.schedule import dormancy

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

DAY = timedelta(days=1)


def is_known() -> bool:
    """Whether the user model stores the last login; Django's does."""
    return has_field("last_login")


def _soon_dormant() -> UserFSMQuerySet:
    """Select the accounts that are dormant by the end of `USERS_DORMANT_WARNING`."""
    return dormancy.dormant(conf.dormant_after - conf.dormant_warning, timezone.now())


class PeopleList(PagedList):
    """The list of users. `soon_dormant` says of each whether the account is about to become dormant."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        model_admin: Any = self.model_admin
        people: QuerySet[Any] = model_admin.with_columns(super().get_queryset(request, exclude_parameters))
        return people

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if is_known():
            # Asked about the people of the page alone: in their own query, PostgreSQL would look at all accounts first.
            soon = _soon_dormant().filter(user__in=[user.pk for user in self.result_list]).values_list("user_id")
            keys = {key for (key,) in soon}
            for user in self.result_list:
                user.soon_dormant = user.pk in keys


def column(user: User) -> SafeString:
    """Return how long ago the last login was, with its moment as a tooltip, and when the account is dormant."""
    shown = ago(user.last_login) if user.last_login else _("never")
    if not getattr(user, "soon_dormant", False):
        return format_html("{}", shown)
    return format_html('{}<br><small class="dormant">{}</small>', shown, _until_dormant(user))


def _until_dormant(user: User) -> str:
    seen = user.last_login or getattr(user, "date_joined", None)
    days = math.ceil((seen + conf.dormant_after - timezone.now()) / DAY) if seen else 0
    if days <= 0:
        return _("dormant")
    return ngettext("dormant in %(count)d day", "dormant in %(count)d days", days) % {"count": days}


class LastLoginFilter(admin.SimpleListFilter):
    """Filters by how long ago the last login was."""

    title = gettext_lazy("last login")
    parameter_name = "login"
    days = {
        "7": gettext_lazy("Less than a week ago"),
        "30": gettext_lazy("Less than 30 days ago"),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        days = conf.dormant_warning // DAY
        soon = ngettext("Dormant within %(count)d day", "Dormant within %(count)d days", days) % {"count": days}
        return [
            *self.days.items(),
            ("longer", gettext_lazy("30 days ago or longer")),
            ("never", gettext_lazy("Never")),
            ("dormant", soon),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        value = self.value()
        if value == "dormant":
            return queryset.filter(Exists(_soon_dormant().filter(user=OuterRef("pk"))))
        if value == "never":
            return queryset.filter(last_login=None)
        if value in self.days:
            return queryset.filter(_within(int(value)))
        return queryset.exclude(last_login=None).exclude(_within(30)) if value == "longer" else queryset


def _within(days: int) -> Q:
    return Q(last_login__gt=timezone.now() - timedelta(days=days))

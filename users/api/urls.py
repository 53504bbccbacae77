"""
The URLs of the API, below a version.

`path("api/v1/", include("users.api.urls"))`; `audit.api.urls` includes these and adds the record.
"""

from __future__ import annotations

from django.urls import path, re_path

from users.api import inviting, operating, people, scheduling
from users.api.conventions.base import Nowhere

app_name = "user_api"

_OPERATIONS = operating.views()

ACCOUNTS = [
    path("users", people.PeopleView.as_view(), name="people"),
    path("invitations", inviting.InvitationsView.as_view(), name="invitations"),
    path("users/<str:key>", people.PersonView.as_view(), name="person"),
    path("users/<str:key>/schedule", scheduling.SchedulesView.as_view(), name="schedules"),
    path("users/<str:key>/schedule/<str:change>/cancel", scheduling.ScheduleView.as_view(), name="schedule"),
    *(path(f"users/<str:key>/{name}", one.as_view(), name=name) for name, one, _ in _OPERATIONS),
    *(path(f"many/{name}", many.as_view(), name=f"many_{name}") for name, _, many in _OPERATIONS),
]

NOWHERE = re_path("", Nowhere.as_view())
"""The last of all: other paths are problems too, and not pages of the site."""

urlpatterns = [*ACCOUNTS, NOWHERE]

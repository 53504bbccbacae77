"""
The URLs of the API, below a version.

`path("api/v1/", include("users.api.urls"))`; `audit.api.urls` includes these and adds the record.
"""

from __future__ import annotations

from django.urls import path

from users.api import inviting, operating, people, scheduling

_OPERATIONS = operating.views()

urlpatterns = [
    path("users", people.PeopleView.as_view(), name="api_people"),
    path("invitations", inviting.InvitationsView.as_view(), name="api_invitations"),
    path("users/<str:key>", people.PersonView.as_view(), name="api_person"),
    path("users/<str:key>/schedule", scheduling.SchedulesView.as_view(), name="api_schedules"),
    path("users/<str:key>/schedule/<str:change>/cancel", scheduling.ScheduleView.as_view(), name="api_schedule"),
    *(path(f"users/<str:key>/{name}", one.as_view(), name=f"api_{name}") for name, one, _ in _OPERATIONS),
    *(path(f"many/{name}", many.as_view(), name=f"api_many_{name}") for name, _, many in _OPERATIONS),
]

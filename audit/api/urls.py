"""The whole API: the accounts, the record, the OpenAPI document, and a page to try it."""

from __future__ import annotations

from django.urls import include, path

from audit.api import records, refused, scheduled
from users.api.openapi import description
from users.api.urls import ACCOUNTS, NOWHERE

app_name = "user_api"

V1 = [
    *ACCOUNTS,
    path("records", records.RecordsView.as_view(), name="records"),
    path("users/<str:key>/records", records.PersonRecordsView.as_view(), name="person_records"),
    path("refusals", refused.RefusalsView.as_view(), name="refusals"),
    path("schedule-steps", scheduled.ScheduleStepsView.as_view(), name="schedule_steps"),
    path("users/<str:key>/state-at", records.StateAtView.as_view(), name="state_at"),
]

urlpatterns = [
    path("v1/schema", description.Document.as_view(patterns=[path("api/v1/", include(V1))]), name="schema"),
    path("v1/docs", description.Page.as_view(url_name="user_api:schema"), name="docs"),
    path("v1/", include([*V1, NOWHERE])),
]

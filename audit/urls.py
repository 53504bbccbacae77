from __future__ import annotations

from django.urls import path

from audit.people.views import own_history

app_name = "user_audit"

urlpatterns = [path("history/", own_history, name="own_history")]

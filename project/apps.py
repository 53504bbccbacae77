from __future__ import annotations

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """The project as an app, so that it can carry a command, a template and translations."""

    name = "project"

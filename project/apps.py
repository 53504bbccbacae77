from __future__ import annotations

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Makes the project an app, so that it can have commands, templates and translations."""

    name = "project"

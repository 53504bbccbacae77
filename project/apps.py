from __future__ import annotations

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class ProjectConfig(AppConfig):
    """Makes the project an app, so that it can have commands, templates and translations."""

    name = "project"

    def ready(self) -> None:
        from project import connections

        connection_created.connect(connections.limit_waiting, dispatch_uid="project.limit_waiting")

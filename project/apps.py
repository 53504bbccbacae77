from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate


class ProjectConfig(AppConfig):
    """Makes the project an app, so that it can have commands, templates and translations."""

    name = "project"

    def ready(self) -> None:
        post_migrate.connect(make_cache_table, sender=self, dispatch_uid="project.make_cache_table")


def make_cache_table(using: str, **kwargs: Any) -> None:
    """`post_migrate`: create the missing tables of database caches."""
    call_command("createcachetable", database=using, verbosity=0)

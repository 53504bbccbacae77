"""What several checks ask about settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_network

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string

Configs = Sequence[AppConfig] | None


def is_count(value: object) -> bool:
    """Whether this is a whole number of at least 1."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def is_duration(value: object) -> bool:
    """Whether this is a positive period."""
    return isinstance(value, timedelta) and value > timedelta()


def is_network(value: object) -> bool:
    """Whether this is a valid IP network."""
    try:
        ip_network(str(value))
    except ValueError:
        return False
    return True


def position_of(middleware: type) -> int | None:
    """Return where this middleware or a subclass of it stands in `MIDDLEWARE`, or None."""
    classes = enumerate(map(import_string, settings.MIDDLEWARE))
    return next((at for at, each in classes if isinstance(each, type) and issubclass(each, middleware)), None)

"""Tests for values of settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_network

from django.apps import AppConfig

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

"""System checks of the HTTP API and SCIM."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from users.checks.values import Configs, is_duration

RATE = re.compile(r"[1-9]\d{0,8}/(s|sec|second|m|min|minute|h|hour|d|day)", re.ASCII)
CHOICES = {"USERS_SCIM_ACTIVATION": ("reactivate", "invite"), "USERS_SCIM_DELETE": ("deactivate", "delete")}


def check_api_rate(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E081`: `USERS_API_RATE` must be None or a rate such as 600/minute."""
    value = getattr(settings, "USERS_API_RATE", None)
    if value is None or (isinstance(value, str) and RATE.fullmatch(value)):
        return []
    return [Error(f"USERS_API_RATE is {value!r}", hint='Use a rate such as "600/minute", or None.', id="users.E081")]


def check_idempotency_lifetime(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E082`: `USERS_API_IDEMPOTENCY_LIFETIME` must be a positive timedelta."""
    value = getattr(settings, "USERS_API_IDEMPOTENCY_LIFETIME", timedelta(hours=24))
    if is_duration(value):
        return []
    message = f"USERS_API_IDEMPOTENCY_LIFETIME is {value!r}"
    return [Error(message, hint="Use a positive timedelta.", id="users.E082")]


def check_scim_choices(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E083`: `USERS_SCIM_ACTIVATION` and `USERS_SCIM_DELETE` must be one of their values."""
    return [
        Error(f"{name} is {value!r}", hint=f"Use one of these: {', '.join(values)}.", id="users.E083")
        for name, values in CHOICES.items()
        if (value := getattr(settings, name, values[0])) not in values
    ]


ALL = (check_api_rate, check_idempotency_lifetime, check_scim_choices)

"""System checks of the lockout and the limit for addresses."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error

from users.checks.values import Configs, is_count, is_duration, is_network, position_of
from users.conf import LOCKOUT_PRESETS, conf
from users.middleware import AddressLimitMiddleware

COOKIE = re.compile(r"[\w-]+", re.ASCII)


def check_preset(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E007`: the lockout preset must be known."""
    preset = conf.lockout_preset
    if _is_known(preset):
        return []
    return [Error(f"USERS_LOCKOUT_PRESET is {preset!r}", hint="Use 'pci', 'nist' or None.", id="users.E007")]


def check_escalation(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E008`: each further lock must last at least as long as the one before."""
    if not _is_known(conf.lockout_preset):
        return []  # users.E007 reports it
    escalation = conf.lockout_escalation
    if isinstance(escalation, (list, tuple)) and all(isinstance(each, timedelta) for each in escalation):
        durations = [conf.lockout_duration, *escalation]
        if not isinstance(durations[0], timedelta) or durations == sorted(durations):
            return []  # users.E004 reports a wrong duration
    hint = "Use a list of datetime.timedelta in ascending order, none shorter than USERS_LOCKOUT_DURATION."
    return [Error(f"USERS_LOCKOUT_ESCALATION is {escalation!r}", hint=hint, id="users.E008")]


def check_preset_is_kept(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.W003`: settings beside a preset must not break its rules."""
    preset = conf.lockout_preset
    if preset is None or not _is_known(preset):
        return []
    most = LOCKOUT_PRESETS[preset]["FAILURE_LIMIT"]
    # users.E003 and users.E004 report values of a wrong type.
    limit, duration = getattr(settings, "USERS_LOCKOUT_FAILURE_LIMIT", most), conf.lockout_duration
    if is_count(limit) and limit > most:
        return [_broken(preset, "USERS_LOCKOUT_FAILURE_LIMIT", f"at most {most}")]
    if conf.lockout_window is not None:  # the attempts of a slow guesser would never add up
        return [_broken(preset, "USERS_LOCKOUT_WINDOW", "None")]
    if preset == "pci" and is_duration(duration) and duration < timedelta(minutes=30):
        return [_broken(preset, "USERS_LOCKOUT_DURATION", "at least 30 minutes")]
    if preset == "nist" and max(_waits(), default=timedelta()) > timedelta(hours=1):
        return [_broken(preset, "USERS_LOCKOUT_DURATION or USERS_LOCKOUT_ESCALATION", "at most one hour")]
    return []


def _waits() -> list[timedelta]:
    escalation = conf.lockout_escalation
    waits = [conf.lockout_duration, *(escalation if isinstance(escalation, (list, tuple)) else ())]
    return [each for each in waits if isinstance(each, timedelta)]


def check_trusted_networks(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E011`: the networks that are exempt from the limit for addresses must be valid."""
    value = conf.lockout_trusted_networks
    if isinstance(value, (list, tuple)) and all(is_network(each) for each in value):
        return []
    hint = "Use a list of networks such as ['10.0.0.0/8']."
    return [Error(f"USERS_LOCKOUT_TRUSTED_NETWORKS is {value!r}", hint=hint, id="users.E011")]


def check_address_limit_is_asked(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.W005`: without `AddressLimitMiddleware`, the limit for addresses is counted but not enforced."""
    if position_of(AddressLimitMiddleware) is not None or conf.lockout_address_limit is None:
        return []
    hint = (
        "Put 'users.middleware.AddressLimitMiddleware' last in MIDDLEWARE, or set USERS_LOCKOUT_ADDRESS_LIMIT = None."
    )
    return [checks.Warning("Nothing enforces the limit of failed logins from one address", hint=hint, id="users.W005")]


def check_device_cookie(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E050`: the cookie of known devices must have a name that a cookie can have, and one of its own."""
    value = getattr(settings, "USERS_DEVICE_COOKIE", "known_device")
    taken = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME)
    if isinstance(value, str) and COOKIE.fullmatch(value) and value not in taken:
        return []
    hint = "Use letters, digits, - and _, and no name of another cookie."
    return [Error(f"USERS_DEVICE_COOKIE is {value!r}", hint=hint, id="users.E050")]


def _is_known(preset: object) -> bool:
    return preset in tuple(LOCKOUT_PRESETS)  # a dictionary raises for unhashable values


def _broken(preset: str | None, name: str, rule: str) -> CheckMessage:
    return checks.Warning(f"{name} breaks the rules of the preset {preset!r}", hint=f"Use {rule}.", id="users.W003")


ALL = (
    check_preset,
    check_escalation,
    check_preset_is_kept,
    check_trusted_networks,
    check_address_limit_is_asked,
    check_device_cookie,
)

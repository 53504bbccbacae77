"""System checks of the settings of the lockout."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning

from users import conf

Configs = Sequence[AppConfig] | None


def check_preset(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E007`: a preset is one of those that there are."""
    preset = conf.lockout_preset()
    if preset in conf.LOCKOUT_PRESETS:
        return []
    return [Error(f"USERS_LOCKOUT_PRESET is {preset!r}", hint="Use 'pci', 'nist' or None.", id="users.E007")]


def check_escalation(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E008`: locks that follow one another last longer, or equally long."""
    if conf.lockout_preset() not in conf.LOCKOUT_PRESETS:
        return []
    escalation = conf.lockout_escalation()
    if isinstance(escalation, (list, tuple)) and all(isinstance(each, timedelta) for each in escalation):
        durations = [conf.lockout_duration(), *escalation]
        if not isinstance(durations[0], timedelta) or durations == sorted(durations):
            return []  # users.E004 says what is wrong with the first
    hint = "Use a list of datetime.timedelta, none shorter than the one before or than USERS_LOCKOUT_DURATION."
    return [Error(f"USERS_LOCKOUT_ESCALATION is {escalation!r}", hint=hint, id="users.E008")]


def check_preset_is_kept(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.W003`: what is set beside a preset keeps to its rules."""
    preset = conf.lockout_preset()
    values = conf.LOCKOUT_PRESETS.get(preset, {})
    if "FAILURE_LIMIT" in values and conf.lockout_failure_limit() > values["FAILURE_LIMIT"]:
        return [_broken(preset, "USERS_LOCKOUT_FAILURE_LIMIT", f"at most {values['FAILURE_LIMIT']}")]
    if preset == "pci" and conf.lockout_duration() < timedelta(minutes=30):
        return [_broken(preset, "USERS_LOCKOUT_DURATION", "at least 30 minutes")]
    return []


def _broken(preset: str | None, name: str, rule: str) -> CheckMessage:
    return CheckWarning(f"{name} does not keep to the preset {preset!r}", hint=f"Use {rule}.", id="users.W003")


ALL = (check_preset, check_escalation, check_preset_is_kept)

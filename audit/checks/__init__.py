"""System checks. Each has an id, a message and a hint."""

from audit.checks.surroundings import ALL, check_triggers_are_installed

__all__ = ["ALL", "check_triggers_are_installed"]

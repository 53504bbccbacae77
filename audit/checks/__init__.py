"""System checks: what would leave the record without its context or its place is said at start."""

from audit.checks.surroundings import ALL, check_triggers_are_installed

__all__ = ["ALL", "check_triggers_are_installed"]

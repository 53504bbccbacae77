"""System checks. Each has an id, a message and a hint."""

from audit.checks import surroundings, times, values
from audit.checks.surroundings import (
    check_labels_are_those_of_today,
    check_tables_are_as_migrations_make_them,
    check_triggers_are_installed,
)

ALL = (*surroundings.ALL, *times.ALL, values.check_values)

__all__ = [
    "ALL",
    "check_labels_are_those_of_today",
    "check_tables_are_as_migrations_make_them",
    "check_triggers_are_installed",
]

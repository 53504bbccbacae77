"""System checks. Each has an id, a message and a hint."""

from audit.checks.surroundings import (
    ALL,
    check_labels_are_those_of_today,
    check_tables_are_as_migrations_make_them,
    check_triggers_are_installed,
)

__all__ = [
    "ALL",
    "check_labels_are_those_of_today",
    "check_tables_are_as_migrations_make_them",
    "check_triggers_are_installed",
]

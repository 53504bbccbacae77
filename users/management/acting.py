"""Finds the people whom a command names, and its actor: `--by`."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.management.base import CommandError, OutputWrapper

from users.actors import By, named
from users.rows.user_model import called

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def people(usernames: Iterable[str], *, using: str) -> list[User]:
    """Return the users with these names. Raises `CommandError` for a name that nobody or several people have."""
    found = {username: list(called(username, using=using)[:2]) for username in usernames}
    if missing := [username for username, users in found.items() if not users]:
        raise CommandError(f"there is nobody called {', '.join(map(repr, missing))}")
    return [_the_only(users, username) for username, users in found.items()]


def add_by(parser: ArgumentParser) -> None:
    """Add `--by`."""
    parser.add_argument("--by", help="who does it, for the record: a username, or any name (default: CLI)")


def actor(name: str | None, *, using: str, stderr: OutputWrapper) -> By:
    """Return the user with this name, or the name itself with a message if there is none. None stays None."""
    if not name:
        return None
    found = list(called(name, using=using)[:2])
    if not found:
        stderr.write(f"There is no user {name!r}. The record will show it as a name given on the command line.")
        return named(name)
    return _the_only(found, name)


def _the_only(users: list[User], username: str) -> User:
    if len(users) > 1:
        raise CommandError(f"several people are called {username!r}; the admin and the API know them by their keys")
    return users[0]

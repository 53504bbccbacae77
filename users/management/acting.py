"""The actor of a command: `--by`."""

from __future__ import annotations

from argparse import ArgumentParser

from django.contrib.auth import get_user_model
from django.core.management.base import OutputWrapper

from users.actors import By, named


def add_by(parser: ArgumentParser) -> None:
    """Add `--by`."""
    parser.add_argument("--by", help="who does it, for the record: a username, or any name (default: CLI)")


def actor(name: str | None, *, using: str, stderr: OutputWrapper) -> By:
    """Return the user with this name, or the name itself with a message if there is none. None stays None."""
    if not name:
        return None
    model = get_user_model()
    found = model._base_manager.using(using).filter(**{model.USERNAME_FIELD: name}).first()
    if found is None:
        stderr.write(f"There is no user {name!r}. The record will show it as a name given on the command line.")
        return named(name)
    return found

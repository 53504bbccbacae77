import logging
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from project.demonstration import create_people


class Command(BaseCommand):
    """Create the people of the demonstration, on a developer's machine and in an empty database only."""

    help = "Creates demonstration accounts in each state in an empty database, and shows their passwords. Needs DEBUG."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="where there are users, only show the passwords again"
        )

    def handle(self, *, if_empty: bool, **options: Any) -> None:
        """Raise `CommandError` without DEBUG, and where there are users unless `if_empty`."""
        if not settings.DEBUG:
            raise CommandError("Demonstration accounts are for a machine of your own: set DEBUG=on there.")
        if not User.objects.exists():
            with quiet():
                keep(create_people())
        elif not if_empty:
            raise CommandError("This database has users already; demonstration accounts are made in an empty one.")
        self.show()

    def show(self) -> None:
        """Print who can be looked at, as what, and with which password."""
        passwords = kept()
        if not passwords:
            self.stdout.write("This database has users of its own; no demonstration accounts were made.")
            return
        people = User.objects.filter(username__in=passwords).select_related("fsm").order_by("pk")
        self.stdout.write("\nDemonstration accounts, made for this database alone; the active ones can log in")
        self.stdout.write(f"{'username':12}{'password':16}state")
        for user in people:
            self.stdout.write(f"{user.username:12}{passwords[user.username]:16}{user.fsm.get_current_state_display()}")


@contextmanager
def quiet() -> Iterator[None]:
    """Log warnings only: a line of JSON for each change would stand above the table that people came for."""
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def keep(passwords: dict[str, str]) -> None:
    """Write the passwords beside the database, for nobody but this user of the machine to read."""
    path = password_file()
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.writelines(f"{username} {password}\n" for username, password in passwords.items())


def kept() -> dict[str, str]:
    """Return what `keep` wrote, by username; nothing where this database has no demonstration."""
    path = password_file()
    if not path.exists():
        return {}
    return dict(line.split() for line in path.read_text().splitlines())


def password_file() -> Path:
    """Beside an SQLite database; for another one in the project's folder, under the database's name."""
    name = connection.settings_dict["NAME"]
    return Path(settings.BASE_DIR) / f"{name}.passwords"

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
from project.mailbox.file import empty as empty_mailbox
from users.conf import conf

WHAT_TO_TRY = """
Behind them lies a month of history. The admin shows it; log in there as admin. Things to try:
  - Lena's account was locked by guessed passwords just now. Her email with the link that unlocks it is in
    the mailbox of the admin: {site}/admin/mailbox/. Open the link in a private window, where nobody is logged in.
  - Iris is invited. Her email with the link to choose a password is there, too.
  - Guess Alice's password five times, then log in with the right one. Ask for a new password for alice@example.com.
  - Lock several people in the list of users, and read who did it in the audit trail.
  - Arthur's account ends in two weeks, as planned: `manage.py run_due` makes what is due.
  - `manage.py audit_verify` checks that nobody has tampered with the record."""


class Command(BaseCommand):
    """Create the demonstration accounts, only in an empty database on a developer's machine."""

    help = "Creates demonstration accounts in each state in an empty database, and shows their passwords. Needs DEBUG."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="if there are users already, only show the passwords"
        )

    def handle(self, *, if_empty: bool, **options: Any) -> None:
        """Raise `CommandError` without DEBUG, or if there are users already and `if_empty` is not given."""
        if not settings.DEBUG:
            raise CommandError("Demonstration accounts are for development only. Set DEBUG=on on your own machine.")
        if not User.objects.exists():
            empty_mailbox()
            with quiet():
                keep(create_people())
        elif not if_empty:
            raise CommandError("This database already has users. Demonstration accounts need an empty database.")
        self.show()

    def show(self) -> None:
        """Print the usernames, passwords and states."""
        passwords = kept()
        if not passwords:
            self.stdout.write("This database has users of its own. No demonstration accounts were created.")
            return
        people = User.objects.filter(username__in=passwords).select_related("fsm").order_by("pk")
        self.stdout.write("\nDemonstration accounts, created for this database alone. The active ones can log in:")
        self.stdout.write(f"{'username':12}{'password':16}state")
        for user in people:
            self.stdout.write(f"{user.username:12}{passwords[user.username]:16}{user.fsm.get_current_state_display()}")
        self.stdout.write(WHAT_TO_TRY.format(site=conf.site_url))


@contextmanager
def quiet() -> Iterator[None]:
    """Log only errors, so that the table is not preceded by a line for each change and each refused login."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def keep(passwords: dict[str, str]) -> None:
    """Write the passwords beside the database, readable only for this user of the machine."""
    path = password_file()
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.writelines(f"{username} {password}\n" for username, password in passwords.items())


def kept() -> dict[str, str]:
    """Return the passwords by username, empty if this database has no demonstration accounts."""
    path = password_file()
    if not path.exists():
        return {}
    return dict(line.split() for line in path.read_text().splitlines())


def password_file() -> Path:
    """Return the path beside an SQLite database, or in the project folder, named after another database."""
    name = connection.settings_dict["NAME"]
    return Path(settings.BASE_DIR) / f"{name}.passwords"

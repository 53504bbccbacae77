from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import router

from users.database.one_of import one_of
from users.exceptions import ListNotReadable
from users.invitations import lists, sending
from users.invitations.ends import read as read_end
from users.invitations.lines import Line, ListOutcome
from users.mail import delivery, standing
from users.mail.standing import Standing
from users.management.progress import progress, up_to
from users.management.reporting import ReportingCommand
from users.models import Mail


class Command(ReportingCommand):
    """Invite the people on a list. Lines with errors are reported and skipped."""

    help = "Invites the people in a CSV file, as spreadsheets and directories export it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--ends",
            metavar="DATE",
            default="",
            help="the end of accounts for which the list has none, such as 2027-03-31 (the end of that day)",
        )
        parser.add_argument("--dry-run", action="store_true", help="only show the errors, line by line")

    def handle(self, *, file: Path, ends: str, dry_run: bool, **options: Any) -> None:
        """Raise `CommandError` at the end if anybody was not invited, or in a dry run would not be."""
        try:
            lines = lists.read(file.read_bytes(), ends_at=_end(ends))
        except (OSError, ListNotReadable) as error:
            raise CommandError(str(error)) from error
        if lines.note:
            self.stderr.write(lines.note)
        good = sum(not line.problems for line in lines)
        ending = sum(not line.problems and line.ends_at is not None for line in lines)
        if dry_run:
            problems = [line for line in lines if line.problems]
            self._show_problems(problems)
            self.report(
                f"{good} of {len(lines)} can be invited" + (f", {ending} of them with an end" if ending else ""),
                dry_run=True,
                lines=len(lines),
                would_invite=good,
                with_an_end=ending,
                skipped=_skipped(problems),
            )
            if bad := len(lines) - good:
                raise CommandError(f"{bad} would be skipped")
        else:
            self._invite(lines, good)

    def _invite(self, lines: list[Line], good: int) -> None:
        with progress(good, name="invite", unit="people") as bar:
            outcome = lists.invite_all(lines, on_progress=up_to(bar))
        self._show_problems(outcome.refused)
        self.report(
            f"{len(outcome.invited)} of {len(lines)} invited",
            dry_run=False,
            lines=len(lines),
            invited=len(outcome.invited),
            skipped=_skipped(outcome.refused),
        )
        waiting = self._send(outcome)
        if waiting:
            raise CommandError(f"{waiting} emails could not be sent so far; the admin shows which, and why")
        if outcome.refused:
            raise CommandError(f"{len(outcome.refused)} were skipped")

    def _send(self, outcome: ListOutcome) -> int:
        """Send the emails of this list and all others that wait; return how many failed."""
        using = router.db_for_write(Mail)
        delivery.finish(using=using)
        invited = one_of("user_id", [user.pk for user in outcome.users], get_user_model()._meta.pk, using=using)
        mails = standing.with_reasons(Mail.objects.using(using).filter(invited, kind=sending.KIND))
        not_sent = [mail for mail in mails.select_related("user") if standing.of(mail) is not Standing.SENT]
        for mail in not_sent:
            self.stderr.write(f"{mail.user.get_username()}: the email was not sent: {standing.reason(mail)}")
        self.add_fact(emails_not_sent=[mail.user.get_username() for mail in not_sent])
        return len(not_sent)

    def _show_problems(self, lines: list[Line]) -> None:
        for line in lines:
            self.stderr.write(f"line {line.number}: {line.username or line.email}: {' '.join(line.problems)}")


def _end(text: str) -> datetime | None:
    try:
        return read_end(text) if text else None
    except ValidationError as error:
        raise CommandError(f"--ends: {error.messages[0]}", returncode=2) from error


def _skipped(lines: list[Line]) -> list[dict[str, Any]]:
    return [
        {"line": line.number, "username": line.username, "email": line.email, "problems": [*map(str, line.problems)]}
        for line in lines
    ]

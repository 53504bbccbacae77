"""Lists of people to invite, as CSV: read, checked line by line, and invited."""

from __future__ import annotations

import csv
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users import invitations
from users.actors import By
from users.exceptions import InvitationNotSent, ListNotReadable, NotInvited
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


COLUMNS = ("email", "username")
"""What the first line names, in any order; further columns are left alone."""

LINES_PER_QUERY = 500
MAILS_PER_CONNECTION = 50
"""Mail servers end a connection after some mails, commonly 100."""

NOT_UTF8 = gettext_lazy("This line is not UTF-8. Save the list as “CSV UTF-8”.")
TOO_LONG = gettext_lazy("This line cannot be read as CSV.")
TWICE = gettext_lazy("This is a second line for the same %(column)s.")
INVITED_ALREADY = gettext_lazy("This person has been invited already.")


@dataclass(slots=True)
class Line:
    """One person on a list."""

    number: int
    """The line of the file on which the person ends; the first line is 1."""

    email: str = ""
    username: str = ""
    problems: list[str] = field(default_factory=list)
    """What is wrong, for people to read; empty for somebody who can be invited."""

    waiting: User | None = None
    """The account that was made before, whose mail could not be sent then."""


@dataclass(slots=True)
class ListOutcome:
    """What became of a list."""

    invited: list[Line] = field(default_factory=list)
    refused: list[Line] = field(default_factory=list)
    """Their `problems` say why."""

    not_sent: list[Line] = field(default_factory=list)
    """Their accounts are there, invited; the mail server would not take their mail. Give the list once more."""

    left: list[Line] = field(default_factory=list)
    """Those behind the one with whom the mail server was lost; nothing was done for them. Give the list once more."""

    error: str = ""
    """What the mail server, or whoever stands in for it, said last."""


def read(data: bytes) -> list[Line]:
    """
    Read a list and check each line; return them all, with what is wrong with each.

    Nobody is invited. Commas or semicolons separate the columns. Raises `ListNotReadable` where the first line does not
    name the columns `email` and `username`.
    """
    lines = list(_parsed(data))
    prepared = [(line, user) for line in lines if (user := _prepared(line))]
    _mark_duplicates(prepared)
    for start in range(0, len(prepared), LINES_PER_QUERY):
        _mark_who_is_known(prepared[start : start + LINES_PER_QUERY])
    return lines


def invite_all(
    lines: Sequence[Line], *, by: By = None, on_progress: Callable[[int], None] | None = None
) -> ListOutcome:
    """
    Invite everybody on the list who has no problem, each in a transaction of their own; return what became of all.

    `on_progress` is called after each person with how many are done. To be called outside of a transaction, so that a
    mail that is not sent is noticed. Called again with a list read anew, it goes on where it stopped.
    """
    outcome = ListOutcome(refused=[line for line in lines if line.problems])
    good = [line for line in lines if not line.problems]
    done = 0
    try:
        while done < len(good):
            with get_connection() as connection:
                for line in good[done : done + MAILS_PER_CONNECTION]:
                    done += 1
                    _invite(line, outcome, by, connection)
                    if on_progress:
                        on_progress(done)
    except OSError as error:
        outcome.error = str(error.__cause__ or error)
        outcome.left = good[done:]
    return outcome


def _invite(line: Line, outcome: ListOutcome, by: By, connection: BaseEmailBackend) -> None:
    try:
        if line.waiting:
            invitations.resend(line.waiting, by=by, connection=connection)
        else:
            invitations.invite(email=line.email, username=line.username, by=by, connection=connection)
    except InvitationNotSent as error:
        outcome.not_sent.append(line)
        if not isinstance(error.__cause__, (SMTPRecipientsRefused, SMTPDataError)):
            raise  # not about this one mail: the server is gone
        outcome.error = str(error.__cause__)
    except (ValidationError, NotInvited) as error:  # somebody else was faster
        line.problems += error.messages if isinstance(error, ValidationError) else [str(INVITED_ALREADY)]
        outcome.refused.append(line)
    else:
        outcome.invited.append(line)


def _parsed(data: bytes) -> Iterator[Line]:
    raw = data.removeprefix(BOM_UTF8).splitlines(keepends=True)
    text = [each.decode("utf-8", "replace") for each in raw]
    header = text[0] if text else ""
    reader = csv.reader(text, delimiter=";" if header.count(";") > header.count(",") else ",")
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
    except csv.Error:
        columns = []
    if not set(COLUMNS) <= set(columns):
        raise ListNotReadable(_("The first line has to name the columns: %s") % ",".join(COLUMNS))
    yield from _parsed_rows(reader, columns, raw)


def _parsed_rows(reader: Any, columns: list[str], raw: list[bytes]) -> Iterator[Line]:
    while True:
        first = reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Line(reader.line_num, problems=[str(TOO_LONG)])
            continue
        if any(cell.strip() for cell in row):
            cells = dict(zip(columns, map(str.strip, row), strict=False))
            line = Line(reader.line_num, cells.get("email", ""), cells.get("username", ""))
            if not _is_utf8(b"".join(raw[first : reader.line_num])):
                line.problems.append(str(NOT_UTF8))
            yield line


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _prepared(line: Line) -> User | None:
    if line.problems:
        return None
    try:
        return invitations.prepared(email=line.email, username=line.username)
    except ValidationError as error:
        line.problems += [f"{name}: {said}" for name, every in error.message_dict.items() for said in every]
        return None


def _mark_duplicates(prepared: Sequence[tuple[Line, User]]) -> None:
    seen: dict[str, set[str]] = {"email": set(), "username": set()}
    for line, user in prepared:
        for column, value in (("email", user.email.lower()), ("username", user.get_username())):
            if value in seen[column]:
                line.problems.append(str(TWICE) % {"column": column})
            seen[column].add(value)


def _mark_who_is_known(prepared: Sequence[tuple[Line, User]]) -> None:
    users = get_user_model()._default_manager.select_related("fsm")
    names = {user.get_username(): user for user in users.filter(username__in=[user.username for _, user in prepared])}
    lowered = users.alias(lowered=Lower("email"))
    addresses = {
        user.email.lower(): user for user in lowered.filter(lowered__in=[user.email.lower() for _, user in prepared])
    }
    for line, user in prepared:
        named, addressed = names.get(user.get_username()), addresses.get(user.email.lower())
        if named and addressed and named == addressed and named.fsm.current_state == State.INVITED:
            if named.fsm.invited_at:
                line.problems.append(str(INVITED_ALREADY))
            line.waiting = named
            continue
        if named:
            line.problems.append(str(named.unique_error_message(type(named), ("username",)).messages[0]))
        if addressed:
            line.problems.append(str(invitations.ADDRESS_IS_TAKEN))

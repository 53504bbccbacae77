"""Lists of people to invite, as CSV: reads and checks them line by line, and invites everybody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import router, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy
from post_office.models import STATUS

from users import invitations
from users.actors import By
from users.conf import conf
from users.database.moments import in_the_future
from users.exceptions import ListTooLong, NotInvited
from users.input import mailbox
from users.invitations import cells as cells_of
from users.invitations import ends, inviting, sending, spreadsheets
from users.invitations.lines import Line, ListOutcome, People
from users.invitations.spreadsheets import EMAIL, ENDS, FIRST_NAME, LAST_NAME, NAME, USERNAME, Row
from users.models import Mail, UserFSM
from users.rows.user_model import required_fields
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


LINES_PER_QUERY = 500

_GUEST = "#EXT#"
"""Microsoft Entra ID makes the names of guests with it, which nobody would type: the address is better."""

UNREADABLE = gettext_lazy("This line has characters that cannot be read. Save the list as “CSV UTF-8”.")
TOO_LONG = gettext_lazy("This line cannot be read as CSV.")
NEVER_CLOSED = gettext_lazy("A quotation mark is not closed: from this line on, the list cannot be read.")
TWICE = gettext_lazy("This is a second line for the same %(column)s.")
INVITED_ALREADY = gettext_lazy("This person has been invited already.")


def read(data: bytes, *, ends_at: datetime | None = None, most: int | None = None) -> People:
    """
    Read a list, check each line, and return all of them with their errors.

    Nobody is invited yet. `users.invitations.spreadsheets` explains which lists are accepted. Without a username, the
    email address is used. `ends_at` is the end of the accounts for which the list says none. Raises `ListNotReadable`
    if the first line has no column for addresses, or a column twice, and `ListTooLong` if there are more than `most`
    people, before any of them is checked.
    """
    sheet = spreadsheets.open_sheet(data)
    people = People(map(_line, sheet.rows))
    if most is not None and len(people) > most:
        raise ListTooLong(len(people))
    people.note = sheet.note
    prepared = [(line, user) for line in people if (user := _prepared(line))]
    _mark_duplicates(prepared)
    for start in range(0, len(prepared), LINES_PER_QUERY):
        _mark_who_is_known(prepared[start : start + LINES_PER_QUERY])
    for line in people:
        _read_end(line, ends_at)
    return people


def invite_all(
    lines: Sequence[Line], *, by: By = None, on_progress: Callable[[int], None] | None = None
) -> ListOutcome:
    """
    Invite everybody on the list without errors, each in a transaction of their own.

    `on_progress` is called after each person with the number of those done. Called again with the list read again, it
    continues where it stopped.
    """
    outcome = ListOutcome(refused=[line for line in lines if line.problems])
    for done, line in enumerate((line for line in lines if not line.problems), start=1):
        _invite(line, outcome, by)
        if on_progress:
            on_progress(done)
    return outcome


def _invite(line: Line, outcome: ListOutcome, by: By) -> None:
    try:
        if line.ends_at:
            in_the_future(line.ends_at)  # asked again: a long list takes its time
        if line.waiting:
            user = _invite_again(line.waiting, line.ends_at, by)
        else:
            user = invitations.invite(**line.person, ends_at=line.ends_at, by=by)
    except (ValidationError, NotInvited) as error:  # somebody else was faster
        line.problems += error.messages if isinstance(error, ValidationError) else [str(INVITED_ALREADY)]
        outcome.refused.append(line)
        outcome.late.append(line)
    else:
        outcome.invited.append(line)
        outcome.users.append(user)


def _invite_again(user: User, ends_at: datetime | None, by: By) -> User:
    """Queue the email once more, with the end of the account if it did not have this one yet; return the user."""
    with transaction.atomic(using=router.db_for_write(UserFSM)):
        invitations.resend(user, by=by)
        if ends_at and not user.fsm.scheduled_changes.filter(transition="deactivate", at=ends_at).exists():
            inviting.schedule_end(user, ends_at, by=by)
    return user


def _line(row: Row) -> Line:
    if row.cells is None:
        return Line(row.number, problems=[str(NEVER_CLOSED if row.to_the_end else TOO_LONG)])
    cells = row.cells
    username = cells.get(USERNAME, "")
    if _GUEST in username:
        username = ""
    email, beside = cells_of.address(cells.get(EMAIL, "") or (username if "@" in username else ""))
    first, last = cells_of.one_line(cells.get(FIRST_NAME, "")), cells_of.one_line(cells.get(LAST_NAME, ""))
    if not (first or last):
        first, last = cells_of.names(cells.get(NAME, "") or beside)
    others = {field.attname: cells[field.name] for field in required_fields() if cells.get(field.name)}
    line = Line(row.number, email, username or email, first, last, others, cells.get(ENDS, ""))
    if not all(map(cells_of.is_readable, cells.values())):
        line.problems.append(str(UNREADABLE))
    return line


def _read_end(line: Line, otherwise: datetime | None) -> None:
    try:
        line.ends_at = ends.read(line.ends) if line.ends else otherwise
    except ValidationError as error:
        line.problems += error.messages


def _prepared(line: Line) -> User | None:
    if line.problems:
        return None
    try:
        return invitations.prepared(**line.person)
    except ValidationError as error:
        for name, every in error.message_dict.items():
            line.problems += every if name == NON_FIELD_ERRORS else [f"{name}: {said}" for said in every]
        return None


def _address(user: User) -> str:
    return str(getattr(user, user.get_email_field_name())).lower()


def _mark_duplicates(prepared: Sequence[tuple[Line, User]]) -> None:
    seen: dict[str, set[str]] = {"email": set(), "username": set()}
    for line, user in prepared:
        addresses = [] if conf.shared_mailboxes else [("email", _address(user))]
        for column, value in (*addresses, ("username", user.get_username())):
            if value in seen[column]:
                line.problems.append(str(TWICE) % {"column": column})
            seen[column].add(value)


def _mark_who_is_known(prepared: Sequence[tuple[Line, User]]) -> None:
    users = get_user_model()
    known = users._default_manager.select_related("fsm").alias(lowered=Lower(users.get_email_field_name()))
    usernames = {f"{users.USERNAME_FIELD}__in": [user.get_username() for _, user in prepared]}
    names = {user.get_username(): user for user in known.filter(**usernames)}
    forms = {form for _, user in prepared for form in (_address(user), mailbox.readable(_address(user)).lower())}
    addresses = {mailbox.normal_form(_address(user)): user for user in known.filter(lowered__in=forms)}
    failed = _with_failed_invitation([user.pk for user in (*names.values(), *addresses.values())])
    for line, user in prepared:
        named, addressed = names.get(user.get_username()), addresses.get(_address(user))
        if named and addressed and named == addressed and named.fsm.current_state == State.INVITED:
            if named.fsm.invited_at and named.pk not in failed:
                line.problems.append(str(INVITED_ALREADY))
            line.waiting = named
            continue
        if named:
            field = type(named).USERNAME_FIELD
            line.problems.append(str(named.unique_error_message(type(named), (field,)).messages[0]))
        if addressed and not conf.shared_mailboxes:
            line.problems.append(str(mailbox.TAKEN))


def _with_failed_invitation(user_ids: Sequence[Any]) -> set[Any]:
    """Return which of these users have an invitation email that has failed. The newest one counts."""
    if not user_ids:
        return set()
    mails = Mail.objects.filter(user__in=user_ids, kind=sending.KIND).order_by("pk")
    newest = dict(mails.values_list("user_id", "email__status"))
    return {user_id for user_id, status in newest.items() if status == STATUS.failed}

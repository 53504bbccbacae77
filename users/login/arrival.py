"""
Notes a login in one statement: its time, address and language, the failures that the person is told of, the session.

THE CONDITION. The statement writes only if the account is still as the instance in memory says: active, with this
version and this last login, and without sessions that have ended by themselves. So nothing has to be read again: the
session begins with that version, and two simultaneous logins are each told of a different last login. If anything is
different, the account is read again, its ended sessions are cleared, and the statement is tried once more.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpRequest
from django.utils import timezone

from users import mail, sessions
from users.database.compiled_updates import Parameter, Update
from users.input.address import client_address
from users.login import known_devices
from users.login.notices import failure_notice, last_login, new_device
from users.mail import language
from users.models import UserFSM
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


class Before(NamedTuple):
    """The values of the account before this login."""

    moment: datetime | None
    """The time of the last login; None before the first one."""
    address: str
    failures: int
    """The failed logins since then that the person is told of now."""


def welcome(request: HttpRequest, user: User) -> bool:
    """
    Note a login, begin its session, and tell the person about the last login and the failures since.

    Return False, with nothing done, if the account is not active: then nobody may be logged in.
    """
    fsm: UserFSM = user.fsm
    while (before := _note(request, user, fsm)) is None:
        stored = UserFSM._base_manager.using(fsm.database).filter(pk=fsm.pk, current_state=State.ACTIVE).first()
        if stored is None:
            return False
        fsm = stored
        sessions.clear_ended(fsm)
    last_login.tell(request, before.moment, before.address)
    failure_notice.tell(request, before.failures)
    known_devices.note_login(request, user)
    return True


def _note(request: HttpRequest, user: User, fsm: UserFSM) -> Before | None:
    """Note the login, with the email about a new device. Return None if the account is not active and as in memory."""
    if fsm.current_state != State.ACTIVE:
        return None
    before = Before(fsm.last_login_at, fsm.last_login_from, failure_notice.to_tell(request, fsm))
    is_news = before.moment is not None and not known_devices.was_used(request, user)
    is_told = is_news and mail.address_of(user) != ""
    together: AbstractContextManager[None] = transaction.atomic(using=fsm.database) if is_told else nullcontext()
    with together:
        noted = _write(request, user, fsm, before)
        if noted and is_told:
            new_device.tell(request, user)
    return before if noted else None


def _write(request: HttpRequest, user: User, fsm: UserFSM, before: Before) -> bool:
    """Write all notes and begin the session, under THE CONDITION."""
    statement = _statement(fsm.database, is_first=before.moment is None)
    notes = {
        **sessions.of_account(fsm, timezone.now()),
        "pk": fsm.pk,
        "last": before.moment,
        "failures": before.failures,
        "address": client_address(request),
        "language": language.of_request(),
    }
    session = sessions.drafted(request, user, version=fsm.version)
    if session is None:
        return bool(statement.send(**notes))
    written = statement.send_with(session.row, **notes)
    if written:
        sessions.begin(request, session)
    return written


@cache
def _statement(using: str, *, is_first: bool) -> Update:
    parameter = partial(Parameter.of, UserFSM)
    failures = parameter("failed_logins_untold", "failures")
    same = UserFSM._base_manager.using(using).filter(
        ~sessions.any_ended(),
        Q(last_login_at=None) if is_first else Q(last_login_at=parameter("last_login_at", "last")),
        pk=parameter("id", "pk"),
        current_state=State.ACTIVE,
        version=parameter("version"),
        failed_logins_untold__gte=failures,
    )
    return Update.prepared(
        same,
        last_login_at=parameter("last_login_at", "now"),
        last_login_from=parameter("last_login_from", "address"),
        language=Coalesce(NullIf(parameter("language"), Value("")), "language"),
        failed_logins_untold=F("failed_logins_untold") - failures,
    )

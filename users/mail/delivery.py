"""
Sends the emails in the queue.

THE CLAIM. Before sending an email, a process postpones its next attempt by some minutes, in one conditional statement.
Of several processes only one succeeds, and no transaction stays open while a mail server answers. If the process ends
in between, the email is sent when those minutes are over. So an email is sent at least once. It is sent twice only if a
process ends after the mail server has accepted it and before that is noted.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from post_office.connections import connections
from post_office.models import STATUS, Email, Log
from post_office.settings import get_default_mailer

from users.conf import conf
from users.exceptions import EmailNotTaken
from users.input.text import storable
from users.mail import requests
from users.mail.thread import Thread

CLAIMED_FOR = timedelta(minutes=5)
"""Longer than any wait for a mail server."""

AT_ONCE = 100

MOST_SILENCES = 3
"""After so many emails in a row without an answer in time, a run leaves the others to the next run."""

REASON_LENGTH = 1000

logger = logging.getLogger("users.mail")


@dataclass(slots=True)
class Delivery:
    """The result of a run."""

    sent: int = 0
    failed: int = 0
    """The number of emails that could not be sent. They are tried again later, or have failed."""

    silences: int = 0
    """The number of emails, since the last that had an answer, for which a mail server did not answer in time."""


class _Counting:
    """A connection whose emails count as sent only if the backend reports as many."""

    def __init__(self, connection: BaseEmailBackend) -> None:
        self._connection = connection

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """
        Send the emails. Raises `EmailNotTaken` if fewer were sent: some backends swallow errors and only return a
        number.
        """
        sent: int | None = self._connection.send_messages(messages)
        if sent is not None and sent < len(messages):
            raise EmailNotTaken
        return len(messages)


def begin(using: str) -> None:
    """Send waiting emails as `USERS_MAIL_DELIVERY` says: in a thread, at once, or not in this process."""
    way = conf.mail_delivery
    if way == "thread":
        _thread.wake(using)
    elif way == "request":
        run(using=using)


def finish(*, using: str) -> Delivery:
    """Send all waiting emails here, and wait for those that the thread of this process is sending."""
    outcome = run(using=using)
    _thread.wait()
    return outcome


def waiting(*, using: str) -> QuerySet[Email]:
    """Select our emails that are due."""
    emails: QuerySet[Email] = Email.objects.using(using).filter(_is_due(), person_mail__isnull=False)
    return emails


def _is_due() -> Q:
    now = timezone.now()
    return Q(status__in=(STATUS.queued, STATUS.requeued)) & (Q(scheduled_time=None) | Q(scheduled_time__lte=now))


def run(*, using: str) -> Delivery:
    """
    Process requests and send all waiting emails. An error with one email does not stop the next.

    A mail server that does not answer costs `EMAIL_TIMEOUT` for each email, so that a process could wait for hours.
    After `MOST_SILENCES` in a row the run ends; the other emails are due at the next one.
    """
    requests.work_off(using=using)
    outcome = Delivery()
    try:
        while keys := list(waiting(using=using).order_by("-priority", "pk").values_list("pk", flat=True)[:AT_ONCE]):
            for key in keys:
                _send(key, outcome, using=using)
                if outcome.silences >= MOST_SILENCES:
                    logger.error("the mail server does not answer: the other emails wait for the next run")
                    return outcome
    finally:
        _hang_up()
    return outcome


def _send(key: Any, outcome: Delivery, *, using: str) -> None:
    # THE CLAIM. It uses only columns of this row: a subquery is not evaluated again after waiting for the row lock.
    claimed = Email.objects.using(using).filter(_is_due(), pk=key)
    if not claimed.update(scheduled_time=timezone.now() + CLAIMED_FOR):
        return
    emails = Email.objects.using(using).filter(person_mail__isnull=False)
    email = emails.select_related("template", "person_mail").filter(pk=key).first()
    if email is None:
        return  # deleted with its person
    try:
        _hand_over(email)
    except BaseException as error:
        # Mail servers, backends and templates raise all kinds of errors; the timeouts of gevent are no `Exception`.
        if _ends_the_process(error):
            raise
        logger.exception("could not send an email to the user %s", email.person_mail.user_id)
        _hang_up()
        _note_failure(email, error, using=using)
        outcome.failed += 1
        outcome.silences = outcome.silences + 1 if _is_silence(error) else 0
    else:
        _note_sent(email, using=using)
        outcome.sent += 1
        outcome.silences = 0


def _hand_over(email: Email) -> None:
    """Hand the email to the mail server."""
    email.to = [email.context["mail"]["to"]]  # the column is a list separated by commas
    connection = _Counting(connections[email.backend_alias or get_default_mailer()])
    email.dispatch(commit=False, disconnect_after_delivery=False, connection=connection)


def _is_silence(error: BaseException | None) -> bool:
    """Whether nobody answered in time. `smtplib` hides that behind an error of its own."""
    while error is not None:
        if isinstance(error, TimeoutError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _ends_the_process(error: BaseException) -> bool:
    """Whether this is a signal to the process, which Python raises in the main thread alone."""
    is_signal = isinstance(error, (KeyboardInterrupt, SystemExit))
    return is_signal and threading.current_thread() is threading.main_thread()


def _note_sent(email: Email, *, using: str) -> None:
    _note(email, STATUS.sent, {"status": STATUS.sent, "scheduled_time": None}, using=using)


def _note_failure(email: Email, error: BaseException, *, using: str) -> None:
    tries, pauses = email.number_of_retries or 0, conf.mail_retries
    later = timezone.now() + pauses[tries] if tries < len(pauses) else None
    columns = {
        "status": STATUS.requeued if later else STATUS.failed,
        "scheduled_time": later,
        "number_of_retries": tries + 1,
    }
    reason = {"exception_type": type(error).__name__[:255], "message": storable(error, REASON_LENGTH)}
    _note(email, STATUS.failed, columns, using=using, **reason)


def _note(email: Email, status: int, columns: dict[str, Any], *, using: str, **reason: str) -> None:
    """Note what became of the email, unless it was deleted with its person in the meantime."""
    with transaction.atomic(using=using):
        if Email.objects.using(using).filter(pk=email.pk).update(**columns, last_updated=timezone.now()):
            Log.objects.using(using).create(email_id=email.pk, status=status, **reason)


def _hang_up() -> None:
    """Close the connections to mail servers, so that the next email gets a new one."""
    try:
        connections.close()
    except BaseException as error:
        if _ends_the_process(error):
            raise
        logger.exception("could not close a connection to a mail server")
        connections._connections.connections = {}  # noqa: SLF001 - otherwise it would be used again


_thread = Thread(run)

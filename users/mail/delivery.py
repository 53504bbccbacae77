"""
Sends what waits in the queue.

THE CLAIM. Whoever sends an email first moves its next try some minutes ahead, in one conditional statement: of several
processes one succeeds, and nobody has to hold a transaction open while a mail server answers. A process that ends in
between leaves the email waiting, and it is sent when those minutes are over. So an email is sent at least once, and
twice only where a process ended after the mail server had taken it and before that was noted.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from post_office.connections import connections
from post_office.models import STATUS, Email, Log
from post_office.settings import get_default_mailer

from users import conf
from users.input.text import storable
from users.mail import requests
from users.mail.thread import Thread

CLAIMED_FOR = timedelta(minutes=5)
"""Longer than any mail server is waited for."""

AT_ONCE = 100
REASON_LENGTH = 1000

logger = logging.getLogger("users.mail")


@dataclass(slots=True)
class Delivery:
    """What a run did."""

    sent: int = 0
    failed: int = 0
    """How many could not be sent this time; those are tried again later, or given up."""


def begin(using: str) -> None:
    """Send what waits, as `USERS_MAIL_DELIVERY` says: in a thread of this process, here and now, or not from here."""
    way = conf.mail_delivery()
    if way == "thread":
        _thread.wake(using)
    elif way == "request":
        run(using=using)


def waiting(*, using: str) -> QuerySet[Email]:
    """Emails of ours whose time has come."""
    return Email.objects.using(using).filter(_is_due(), person_mail__isnull=False)


def _is_due() -> Q:
    now = timezone.now()
    return Q(status__in=(STATUS.queued, STATUS.requeued)) & (Q(scheduled_time=None) | Q(scheduled_time__lte=now))


def run(*, using: str) -> Delivery:
    """Work off the requests, send everything that waits, and return what was done; no error of one stops the next."""
    requests.work_off(using=using)
    outcome = Delivery()
    try:
        while keys := list(waiting(using=using).order_by("-priority", "pk").values_list("pk", flat=True)[:AT_ONCE]):
            for key in keys:
                _send(key, outcome, using=using)
    finally:
        _hang_up()
    return outcome


def _send(key: Any, outcome: Delivery, *, using: str) -> None:
    # The claim; see above. Of columns of this row alone: a subquery would not be asked again after a wait for its lock.
    claimed = Email.objects.using(using).filter(_is_due(), pk=key)
    if not claimed.update(scheduled_time=timezone.now() + CLAIMED_FOR):
        return
    email = Email.objects.using(using).select_related("template").get(pk=key)
    try:
        connection = connections[email.backend_alias or get_default_mailer()]
        email.dispatch(commit=False, disconnect_after_delivery=False, connection=connection)
    except Exception as error:  # whatever a mail server, its backend or a template raises
        logger.exception("could not send an email to the user %s", email.context["mail"]["user"])
        _hang_up()
        _note_failure(email, error, using=using)
        outcome.failed += 1
    else:
        _note_sent(email, using=using)
        outcome.sent += 1


def _note_sent(email: Email, *, using: str) -> None:
    with transaction.atomic(using=using):
        _row(email, using).update(status=STATUS.sent, scheduled_time=None, last_updated=timezone.now())
        Log.objects.using(using).create(email_id=email.pk, status=STATUS.sent)


def _note_failure(email: Email, error: Exception, *, using: str) -> None:
    tries, pauses = email.number_of_retries or 0, conf.mail_retries()
    later = timezone.now() + pauses[tries] if tries < len(pauses) else None
    with transaction.atomic(using=using):
        _row(email, using).update(
            status=STATUS.requeued if later else STATUS.failed,
            scheduled_time=later,
            number_of_retries=tries + 1,
            last_updated=timezone.now(),
        )
        Log.objects.using(using).create(
            email_id=email.pk,
            status=STATUS.failed,
            exception_type=type(error).__name__[:255],
            message=storable(error, REASON_LENGTH),
        )


def _row(email: Email, using: str) -> QuerySet[Email]:
    rows: QuerySet[Email] = Email.objects.using(using).filter(pk=email.pk)
    return rows


def _hang_up() -> None:
    """Close the connections to mail servers, so that the next email has a fresh one."""
    try:
        connections.close()
    except Exception:
        logger.exception("could not close a connection to a mail server")
        connections._connections.connections = {}  # noqa: SLF001 - otherwise it would be used again


_thread = Thread(run)

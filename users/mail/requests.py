"""
Emails that strangers ask for: a new password, a new invitation.

Whoever asks waits for one INSERT, the same for every address. What the address stands for is looked up later, beside
the request.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import transaction

from users.models import MailRequest

Answer = Callable[[str, str], None]
"""Queues what was asked for: called with the address and the alias of the database."""

ANSWERS: dict[str, Answer] = {}

logger = logging.getLogger("users.mail")


def work_off(*, using: str) -> None:
    """Queue what was asked for; a request that cannot be answered now is logged, and waits for the next run."""
    for request in MailRequest.objects.using(using).order_by("pk"):
        try:
            with transaction.atomic(using=using):
                # Deleted first: of two processes, one answers.
                if MailRequest.objects.using(using).filter(pk=request.pk).delete()[0]:
                    ANSWERS[request.kind](request.address, using)
        except Exception:
            logger.exception("could not answer a request for an email")

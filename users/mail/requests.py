"""
Emails on request: a new password, a new invitation.

The request makes one INSERT, the same for every address. The accounts of the address are looked up later, outside the
request, so that the response time reveals nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import transaction

from users.models import MailRequest

Answer = Callable[[str, str], None]
"""A function that queues the emails for an address. It gets the address and the alias of the database."""

ANSWERS: dict[str, Answer] = {}

logger = logging.getLogger("users.mail")


def work_off(*, using: str) -> None:
    """Queue the requested emails. A request that fails is logged and waits for the next run."""
    for request in MailRequest.objects.using(using).order_by("pk"):
        try:
            with transaction.atomic(using=using):
                # Deleted first, so that only one of two processes answers.
                if MailRequest.objects.using(using).filter(pk=request.pk).delete()[0]:
                    ANSWERS[request.kind](request.address, using)
        except Exception:
            logger.exception("could not answer a request for an email")

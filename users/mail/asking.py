"""Accepts requests for emails from strangers; see `users.mail.requests`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.db import router, transaction

from users.input.text import storable
from users.mail import delivery
from users.mail.requests import ANSWERS, Answer
from users.models import MailRequest

ADDRESS_LENGTH = MailRequest._meta.get_field("address").max_length


def ask(kind: str, address: str) -> None:
    """Store a request for an email of this kind. A repeated request while it waits is the same request."""
    using = router.db_for_write(MailRequest)
    with transaction.atomic(using=using):
        request = MailRequest(kind=kind, address=storable(address, ADDRESS_LENGTH))
        MailRequest.objects.using(using).bulk_create([request], ignore_conflicts=True)
        transaction.on_commit(partial(delivery.begin, using), using=using, robust=True)


def on_request(kind: str) -> Callable[[Answer], Answer]:
    """Register a function that queues the emails for an address as the answer to requests of this kind."""

    def register(answer: Answer) -> Answer:
        ANSWERS[kind] = answer
        return answer

    return register

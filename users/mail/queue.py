"""Writes emails to the queue, in the transaction of the event that they report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import router, transaction
from django.utils.dateparse import parse_datetime
from post_office.models import PRIORITY, STATUS, Email, EmailTemplate

from users.mail import delivery
from users.mail.kinds import Facts
from users.models import Mail

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

CARRIER = "users.mail"
"""
The name of our only template in django-post-office.

It renders an email when it is sent, with `users.templatetags.person_mail`.
"""

_CARRIED = {
    "subject": "{% load person_mail %}{% mail_subject %}",
    "content": "{% load person_mail %}{% mail_text %}",
    "html_content": "{% load person_mail %}{% mail_html %}",
}

_nobody_is_told: ContextVar[bool] = ContextVar("users.mail.nobody_is_told", default=False)


class Parcel(NamedTuple):
    """An email that is to be queued."""

    user_id: Any
    kind: str
    address: str
    facts: Facts


def address_of(user: User) -> str:
    """Return the user's email address, whatever its field is called, or an empty text."""
    return getattr(user, user.get_email_field_name(), None) or ""


def send(kind: str, user: User, facts: Facts | None = None, *, to: str = "", using: str = "") -> None:
    """
    Queue an email of this kind in the current transaction, to be sent after its commit.

    It goes to the user's address, or to `to`. Nothing is queued where there is no address.
    """
    if address := to or address_of(user):
        write([Parcel(user.pk, kind, address, facts or {})], using=using or router.db_for_write(Mail))


@contextmanager
def untold() -> Iterator[None]:
    """Queue no emails within this block, for example while accounts are imported."""
    token = _nobody_is_told.set(True)
    try:
        yield
    finally:
        _nobody_is_told.reset(token)


def write(parcels: Sequence[Parcel], *, using: str) -> None:
    """Queue these emails. A thousand take as many statements as one."""
    if not parcels or _nobody_is_told.get():
        return
    with transaction.atomic(using=using, savepoint=False):
        carrier = _carrier(using)
        emails = [_email(parcel, carrier) for parcel in parcels]
        Email.objects.using(using).bulk_create(emails)
        Mail.objects.using(using).bulk_create(
            Mail(user_id=parcel.user_id, kind=parcel.kind, email=email)
            for parcel, email in zip(parcels, emails, strict=True)
        )
        transaction.on_commit(partial(delivery.begin, using), using=using, robust=True)


def again(mails: Sequence[Mail], *, using: str) -> int:
    """Queue these emails once more, except those that were sent; return their number."""
    with transaction.atomic(using=using):
        emails = Email.objects.using(using).filter(person_mail__in=mails).exclude(status=STATUS.sent)
        count: int = emails.update(status=STATUS.queued, scheduled_time=None, number_of_retries=None)
        transaction.on_commit(partial(delivery.begin, using), using=using, robust=True)
    return count


def forget(user_id: Any, *, using: str) -> None:
    """
    Delete the emails to a person who is deleted in this transaction.

    They are locked before django-post-office's log of them is deleted: a process may be noting that it has sent one.
    """
    emails = Email.objects.using(using).filter(person_mail__user=user_id).select_for_update(of=("self",))
    if keys := list(emails.values_list("pk", flat=True)):
        Email.objects.using(using).filter(pk__in=keys).delete()


def stored(facts: Facts) -> dict[str, Any]:
    """The facts as JSON can keep them."""
    return {
        key: {"moment": value.isoformat()} if isinstance(value, datetime) else value for key, value in facts.items()
    }


def restored(facts: Facts) -> dict[str, Any]:
    """The facts as they were before `stored`."""
    return {key: parse_datetime(value["moment"]) if isinstance(value, dict) else value for key, value in facts.items()}


def _email(parcel: Parcel, carrier: EmailTemplate) -> Email:
    about = {"kind": parcel.kind, "user": str(parcel.user_id), "to": parcel.address, "facts": stored(parcel.facts)}
    return Email(
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[parcel.address],
        cc=[],
        bcc=[],
        headers={"Auto-Submitted": "auto-generated"},  # RFC 3834: nobody's "out of office" answers
        context={"mail": about},
        template=carrier,
        status=STATUS.queued,
        priority=PRIORITY.medium,
    )


def _carrier(using: str) -> EmailTemplate:
    templates = EmailTemplate.objects.using(using)
    found = templates.filter(name=CARRIER).order_by("pk").first()
    if found is None:
        (found,) = templates.bulk_create([EmailTemplate(name=CARRIER, **_CARRIED)])
    return found

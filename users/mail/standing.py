"""The status of emails for pages: sent, waiting or failed, and why."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, When
from django.utils.translation import gettext_lazy as _
from post_office.models import STATUS, Log

from users.models import Mail


class Standing(models.TextChoices):
    """The status of an email."""

    SENT = "sent", _("Sent")
    """The mail server has accepted it."""

    WAITING = "waiting", _("Waiting")
    """It will be sent soon, or tried again later."""

    FAILED = "failed", _("Failed")
    """It is not tried again automatically."""


STATUSES = {
    Standing.SENT: (STATUS.sent,),
    Standing.WAITING: (STATUS.queued, STATUS.requeued),
    Standing.FAILED: (STATUS.failed,),
}


def of(mail: Mail) -> Standing:
    """Return the status of this email."""
    for standing, statuses in STATUSES.items():
        if mail.email.status in statuses:
            return standing
    return Standing.WAITING


def having(which: Standing) -> Q:
    """Selects emails with this status."""
    return Q(email__status__in=STATUSES[which])


def with_reasons(mails: QuerySet[Mail]) -> QuerySet[Any]:
    """Return the emails, newest first, each with the `reason` of its last failure or an empty text."""
    failures = Log.objects.filter(email=OuterRef("email"), status=STATUS.failed).order_by("-pk")
    reasons = {
        "reason": Subquery(failures.values("message")[:1]),
        "error": Subquery(failures.values("exception_type")[:1]),
    }
    return mails.select_related("email").annotate(**reasons).order_by("-pk")


def unsent_first(mails: QuerySet[Any]) -> QuerySet[Any]:
    """Return the emails: first those that did not reach the mail server, then the others, each newest first."""
    return mails.order_by(Case(When(having(Standing.SENT), then=1), default=0), "-pk")


def reason(mail: Any) -> str:
    """Return why the last attempt failed, for an email from `with_reasons` that has not been sent since."""
    if of(mail) is Standing.SENT:
        return ""
    return ": ".join(filter(None, (mail.error, mail.reason)))

"""Where emails stand, for pages: sent, waiting or failed, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _
from post_office.models import STATUS, Log

from users.models import Mail


class Standing(models.TextChoices):
    """What has become of an email."""

    SENT = "sent", _("Sent")
    """The mail server has taken it."""

    WAITING = "waiting", _("Waiting")
    """It is sent in a moment, or tried again later."""

    FAILED = "failed", _("Failed")
    """It is not tried again by itself."""


STATUSES = {
    Standing.SENT: (STATUS.sent,),
    Standing.WAITING: (STATUS.queued, STATUS.requeued),
    Standing.FAILED: (STATUS.failed,),
}


def of(mail: Mail) -> Standing:
    """Where this email stands."""
    for standing, statuses in STATUSES.items():
        if mail.email.status in statuses:
            return standing
    return Standing.WAITING


def standing(which: Standing) -> Q:
    """Emails that stand like this."""
    return Q(email__status__in=STATUSES[which])


def with_reasons(mails: QuerySet[Mail]) -> QuerySet[Any]:
    """The emails, newest first, each with the `reason` of its last failure; empty where there is none."""
    failures = Log.objects.filter(email=OuterRef("email"), status=STATUS.failed).order_by("-pk")
    reasons = {
        "reason": Subquery(failures.values("message")[:1]),
        "error": Subquery(failures.values("exception_type")[:1]),
    }
    return mails.select_related("email").annotate(**reasons).order_by("-pk")


def reason(mail: Any) -> str:
    """Why the last try failed, of an email from `with_reasons`, unless it was sent since."""
    if of(mail) is Standing.SENT:
        return ""
    return ": ".join(filter(None, (mail.error, mail.reason)))


def sent_at(mail: Mail) -> datetime | None:
    """When the mail server took it."""
    moment: datetime = mail.email.last_updated
    return moment if of(mail) is Standing.SENT else None

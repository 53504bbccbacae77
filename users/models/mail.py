"""The facts of an email to a person, beside its row in the queue of django-post-office."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from post_office.models import Email


class Mail(models.Model):
    """
    Connects a person with an email in the queue. It is written in the transaction of the event that the email reports.

    The email is rendered when it is sent. So the queue contains no text and no links.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mails", verbose_name=_("user")
    )
    kind = models.CharField(_("kind"), max_length=50, editable=False)
    """A name of `users.mail.kinds`."""
    email = models.OneToOneField(
        Email,
        on_delete=models.CASCADE,
        related_name="person_mail",
        verbose_name=_("email"),
        editable=False,
    )

    class Meta:
        verbose_name = _("email to a person")
        verbose_name_plural = _("emails to people")
        default_permissions = ("view",)
        permissions = (("retry_mail", _("Can send emails again")),)

    def __str__(self) -> str:
        return str(self.user)


class MailRequest(models.Model):
    """
    A stranger's request for an email to an address, kept until it is processed.

    The same row is written whether or not an account has the address, so the response time reveals nothing.
    """

    kind = models.CharField(max_length=50, editable=False)
    address = models.CharField(max_length=320, editable=False)

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("kind", "address"), name="mailrequest_once"),)

    def __str__(self) -> str:
        return self.kind

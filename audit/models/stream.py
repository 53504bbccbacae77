"""The position of each stream of the audit trail, and the events that its receiver refused."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from users.database.moments import MomentField

FINGERPRINT_LENGTH = 128


class StreamCursor(models.Model):
    """
    The place of one stream in one table: everything up to it was delivered, except for the gaps.

    A gap is a range of keys below the place whose rows were not visible yet. They may still be committed, and are
    delivered then. See `audit.stream.watermark`.
    """

    name = models.CharField(_("name"), max_length=100)
    what = models.CharField(_("what"), max_length=20)
    target = models.CharField(_("target"), max_length=255, blank=True)
    """Without secrets."""

    format = models.CharField(_("format"), max_length=30, blank=True)
    last_id = models.BigIntegerField(_("last key"), default=0)
    last_fingerprint = models.CharField(_("last signature"), max_length=FINGERPRINT_LENGTH, blank=True)
    """The signature of the row with the last key. After a failover, it reveals another row with this key."""

    last_datetime = MomentField(_("time of the last record"), null=True)
    gaps = models.JSONField(_("gaps"), default=list)
    """Pairs of the first and last key, in order."""

    trail = models.JSONField(_("earlier places"), default=list)
    """Pairs of key and fingerprint, oldest first: where to go back to if the last row is no longer there."""

    delivered = models.PositiveBigIntegerField(_("delivered"), default=0)
    delivered_at = MomentField(_("last delivery"), null=True)
    last_error = models.TextField(_("last error"), blank=True)
    failed_at = MomentField(_("time of the last error"), null=True)
    held_by = models.CharField(_("process"), max_length=200, blank=True)
    """The process that holds the cursor until `held_until`."""

    held_until = MomentField(_("held until"), null=True)

    class Meta:
        verbose_name = _("cursor of a stream")
        verbose_name_plural = _("cursors of streams")
        default_permissions = ("view",)
        constraints = (models.UniqueConstraint(name="streamcursor_one_per_name", fields=("name", "what")),)

    def __str__(self) -> str:
        return f"{self.name}: {self.what} up to {self.last_id}"


class UndeliveredEvent(models.Model):
    """An event that the receiver refused, kept apart so that the stream could go on."""

    cursor = models.ForeignKey(
        StreamCursor, on_delete=models.CASCADE, related_name="undelivered", verbose_name=_("cursor")
    )
    key = models.BigIntegerField(_("key"))
    event_id = models.CharField(_("event"), max_length=100)
    answer = models.TextField(_("answer"))
    refused_at = MomentField(_("time"))

    class Meta:
        verbose_name = _("undelivered event")
        verbose_name_plural = _("undelivered events")
        default_permissions = ("view",)
        constraints = (models.UniqueConstraint(name="undeliveredevent_one_per_key", fields=("cursor", "key")),)

    def __str__(self) -> str:
        return f"{self.event_id}: {self.answer}"

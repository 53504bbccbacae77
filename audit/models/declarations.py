"""Declarations about the record: known losses and disturbances, so that only new ones are reported."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.integrity.signed.facts import canonical, canonical_moment
from audit.models.notes import Signed
from users.database.moments import MomentField, shown


class AuditDeclaration(Signed):
    """A loss, item by item, or a range of time in which clocks ran wrong, with the actor and the reason."""

    class Subject(models.TextChoices):
        """The kind of a declaration."""

        LOSS = "loss", _("Loss")
        """The records in `items` are lost for good."""

        CLOCK = "clock", _("Clock")
        """From `start` to `end` a clock ran wrong, so times in that range prove no order."""

    subject = models.CharField(_("subject"), max_length=10, choices=Subject)
    made_at = MomentField(_("time"), default=timezone.now)
    declared_by = models.CharField(_("declared by"), max_length=255)
    reason = models.TextField(_("reason"))
    start = MomentField(_("from"), null=True, blank=True)
    end = MomentField(_("to"), null=True, blank=True)
    items = models.JSONField(_("items"), default=list)

    class Meta:
        verbose_name = _("declaration")
        verbose_name_plural = _("declarations")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{shown(self.made_at)}, {self.declared_by}: {self.reason}"

    def message(self) -> bytes:
        moments = (None if each is None else canonical_moment(each) for each in (self.start, self.end))
        told = (self.subject, canonical_moment(self.made_at), self.declared_by, self.reason)
        return canonical("declaration", *told, *moments, *map(str, self.items))

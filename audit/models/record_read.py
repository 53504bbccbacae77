"""Notes of who read or exported the record (PCI DSS 4.0.1, 10.2.1.3)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.models.acting import ActedUpon


class Reading(models.TextChoices):
    """The page or export that was read."""

    EXPORT = "export", _("Export")
    LIST = "list", _("List")
    RECORD = "record", _("Single record")
    DASHBOARD = "dashboard", _("Dashboard")
    TIMELINE = "timeline", _("Timeline of a person")
    PEOPLE = "people", _("Export of people")


class RecordRead(ActedUpon):
    """A note that somebody read or exported records, with the filters and the number of records."""

    what = models.CharField(_("what"), max_length=20, choices=Reading)
    query = models.TextField(_("filters"), blank=True)
    """The query string of the request."""

    rows = models.PositiveBigIntegerField(_("records"), null=True)
    """The number of records; null for an interrupted export."""

    class Meta(ActedUpon.Meta):
        verbose_name = _("reading of the record")
        verbose_name_plural = _("readings of the record")

    def __str__(self) -> str:
        return f"{self.get_what_display()} by {self.initiated_by}"

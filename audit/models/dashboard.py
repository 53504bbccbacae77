"""The dashboard, as an entry of its own in Django's admin: in the list of apps and in the sidebar."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.models.record import UserStateAudit


class Dashboard(UserStateAudit):
    """A model without a table or permissions: people who may view the record may view the dashboard."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("dashboard")
        verbose_name_plural = _("dashboard")

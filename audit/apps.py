"""The app that keeps the record."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _
from django_fsm.signals import post_transition


class AuditConfig(AppConfig):
    """What is connected to what."""

    name = "audit"
    verbose_name = _("Record of accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import checks as our_checks
        from audit import receivers
        from users.models import UserFSM
        from users.signals import last_known_wanted

        post_transition.connect(receivers.record_transition, sender=UserFSM, dispatch_uid="audit.record_transition")
        last_known_wanted.connect(receivers.last_known, sender=UserFSM, dispatch_uid="audit.last_known")
        for check in our_checks.ALL:
            checks.register(check, "audit")

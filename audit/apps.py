"""The app that keeps the record."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.core.signals import setting_changed
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, post_save, pre_migrate, pre_save
from django.utils.translation import gettext_lazy as _
from django_fsm.signals import post_transition


class AuditConfig(AppConfig):
    """Connects receivers and registers checks."""

    name = "audit"
    label = "user_audit"
    verbose_name = _("Record of accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import checks as our_checks
        from audit import maintenance, receivers
        from audit.models import UserStateAudit
        from users import proxies
        from users.models import ScheduledChange, UserFSM
        from users.signals import (
            account_began,
            account_ended,
            actor_wanted,
            last_known_wanted,
            scheduling_changed,
            state_since_wanted,
            transitions_refused,
            work_is_due,
        )

        proxies.connect(
            post_transition, receivers.record_transition, sender=UserFSM, dispatch_uid="audit.record_transition"
        )
        account_began.connect(receivers.record_birth, sender=UserFSM, dispatch_uid="audit.record_birth")
        account_ended.connect(receivers.record_death, sender=UserFSM, dispatch_uid="audit.record_death")
        transitions_refused.connect(receivers.note_refusals, sender=UserFSM, dispatch_uid="audit.note_refusals")
        scheduling_changed.connect(
            receivers.note_scheduling, sender=ScheduledChange, dispatch_uid="audit.note_scheduling"
        )
        last_known_wanted.connect(receivers.last_known, sender=UserFSM, dispatch_uid="audit.last_known")
        state_since_wanted.connect(receivers.state_since, sender=UserFSM, dispatch_uid="audit.state_since")
        work_is_due.connect(receivers.count_days, dispatch_uid="audit.count_days")
        actor_wanted.connect(receivers.actor, dispatch_uid="audit.actor")
        proxies.connect(
            pre_save,
            receivers.bring_line_breaks_back,
            sender=UserStateAudit,
            dispatch_uid="audit.bring_line_breaks_back",
        )
        proxies.connect(
            post_save, receivers.refuse_unlike_signed, sender=UserStateAudit, dispatch_uid="audit.refuse_unlike_signed"
        )
        connection_created.connect(receivers.prepare_connection, dispatch_uid="audit.prepare_connection")
        setting_changed.connect(maintenance.follow_setting, dispatch_uid="audit.follow_setting")
        pre_migrate.connect(receivers.make_way, sender=self, dispatch_uid="audit.make_way")
        post_migrate.connect(receivers.create_auditors, sender=self, dispatch_uid="audit.create_auditors")
        post_migrate.connect(receivers.install_triggers, sender=self, dispatch_uid="audit.install_triggers")
        post_migrate.connect(receivers.clear_up, dispatch_uid="audit.clear_up")
        for check in our_checks.ALL:
            checks.register(check, "audit")
        for check in (
            our_checks.check_labels_are_those_of_today,
            our_checks.check_tables_are_as_migrations_make_them,
            our_checks.check_triggers_are_installed,
        ):
            checks.register(check, "audit", checks.Tags.database)

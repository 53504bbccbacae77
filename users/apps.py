"""The app that runs the life of user accounts."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core import checks
from django.core.exceptions import FieldDoesNotExist
from django.db.models.signals import post_migrate, post_save, pre_delete, pre_save
from django.utils.translation import gettext_lazy as _
from django_fsm.signals import post_transition

KINDS_OF_MAIL = (
    "users.administration.saved_views.sending",
    "users.invitations.inviting",
    "users.login.recovery.lock_mail",
    "users.login.recovery.reset_mail",
    "users.mail.changes",
    "users.mail.occasions",
    "users.schedule.dormancy",
)
"""Modules that register kinds of emails; a worker has to know them all."""


class UsersConfig(AppConfig):
    """Connects receivers and registers checks."""

    name = "users"
    label = "user_lifecycle"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from users import checks as our_checks
        from users import proxies, receivers
        from users.models import UserFSM
        from users.signals import account_ended

        user_model = get_user_model()
        post_save.connect(receivers.provision_new_user, sender=user_model, dispatch_uid="users.provision_new_user")
        proxies.connect(
            pre_save,
            receivers.keep_is_active_of_loaded_user,
            sender=user_model,
            dispatch_uid="users.keep_is_active_of_loaded_user",
        )
        proxies.connect(
            post_save, receivers.agree_with_loaded_state, sender=UserFSM, dispatch_uid="users.agree_with_loaded_state"
        )
        account_ended.connect(receivers.end_schedule, sender=UserFSM, dispatch_uid="users.end_schedule")
        account_ended.connect(receivers.forget_mails, sender=UserFSM, dispatch_uid="users.forget_mails")
        proxies.connect(pre_delete, receivers.end_account, sender=UserFSM, dispatch_uid="users.end_account")
        post_migrate.connect(
            receivers.provision_missing_users, sender=self, dispatch_uid="users.provision_missing_users"
        )
        proxies.connect(post_transition, receivers.tell_person, sender=UserFSM, dispatch_uid="users.tell_person")
        user_logged_in.connect(receivers.welcome, dispatch_uid="users.welcome")
        user_login_failed.connect(receivers.count_address, dispatch_uid="users.count_address")
        user_logged_out.connect(receivers.forget_session, dispatch_uid="users.forget_session")
        for room in KINDS_OF_MAIL:
            import_module(room)
        for check in our_checks.ALL:
            checks.register(check, "users")
        for check in our_checks.OF_DATABASES:
            checks.register(check, checks.Tags.database)
        _take_over(user_model)


@cache  # `ready()` runs again whenever a test overrides INSTALLED_APPS
def _take_over(user_model: type[Any]) -> None:
    """Intercept what the user model saves: its address, and `is_active`."""
    from users.input import address_field
    from users.login import one_mailbox
    from users.mail import changes
    from users.operations import assigned
    from users.rows import box, door, is_active, superusers
    from users.schedule import dormancy

    with suppress(FieldDoesNotExist):  # a model without addresses
        address_field.guard(user_model._meta.get_field(user_model.get_email_field_name()))
    try:
        field = user_model._meta.get_field("is_active")
    except FieldDoesNotExist:
        return  # users.E001 says so
    is_active.follow_the_lifecycle(field)
    box.put_into_forms(field)
    door.install(field.model)
    door.ask_first(assigned.require_movable)
    door.keep_together(changes.is_to_be_told, changes.tell)
    door.keep_together(dormancy.has_another_mailbox, dormancy.forget_warning)
    door.keep_together(one_mailbox.is_to_be_asked, one_mailbox.refuse_taken, new=True)
    superusers.watch_managers(user_model)

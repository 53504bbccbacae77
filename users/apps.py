"""The app that runs the life of user accounts."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core import checks
from django.core.exceptions import FieldDoesNotExist
from django.db.models.signals import post_migrate, post_save, pre_delete, pre_save
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    """Connects receivers and registers checks."""

    name = "users"
    label = "user_lifecycle"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from users import checks as our_checks
        from users import receivers
        from users.models import UserFSM
        from users.rows import door, is_active, superusers

        user_model = get_user_model()
        post_save.connect(receivers.provision_new_user, sender=user_model, dispatch_uid="users.provision_new_user")
        pre_save.connect(
            receivers.keep_is_active_of_loaded_user,
            sender=user_model,
            dispatch_uid="users.keep_is_active_of_loaded_user",
        )
        post_save.connect(
            receivers.agree_with_loaded_state, sender=UserFSM, dispatch_uid="users.agree_with_loaded_state"
        )
        pre_delete.connect(receivers.end_account, sender=UserFSM, dispatch_uid="users.end_account")
        post_migrate.connect(
            receivers.provision_missing_users, sender=self, dispatch_uid="users.provision_missing_users"
        )
        user_logged_in.connect(receivers.begin_session, dispatch_uid="users.begin_session")
        user_logged_in.connect(receivers.tell_last_login, dispatch_uid="users.tell_last_login")
        user_logged_in.connect(receivers.tell_failed_logins, dispatch_uid="users.tell_failed_logins")
        user_logged_in.connect(receivers.remember_device, dispatch_uid="users.remember_device")
        user_login_failed.connect(receivers.count_address, dispatch_uid="users.count_address")
        user_logged_out.connect(receivers.forget_session, dispatch_uid="users.forget_session")
        for check in our_checks.ALL:
            checks.register(check, "users")
        try:
            field = user_model._meta.get_field("is_active")
        except FieldDoesNotExist:
            return  # users.E001 says so
        is_active.follow_the_lifecycle(field)
        door.install(field.model)
        superusers.watch_managers(user_model)

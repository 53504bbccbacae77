"""Receivers of Django's signals. Each one delegates to the module that decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import connections
from django.http import HttpRequest

from users import lifecycle, sessions
from users.lifecycle import Underway
from users.login import address_limit, arrival, this_request
from users.mail import occasions, queue
from users.models import UserFSM
from users.models.scheduled_change import refuse_pending
from users.rows.provisioning import follow_stored_state, mirror_is_active, provision_missing, provision_new

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def provision_new_user(instance: User, created: bool, raw: bool, using: str, **kwargs: Any) -> None:
    """`post_save` of the user model. Users from fixtures (`raw`) bring their rows, or get them when first needed."""
    if created and not raw:
        provision_new(instance, using=using)


def keep_is_active_of_loaded_user(instance: User, raw: bool, using: str, **kwargs: Any) -> None:
    """`pre_save` of the user model: a fixture, which writes columns as they are, does not change `is_active`."""
    if raw:
        follow_stored_state(instance, using=using)


def agree_with_loaded_state(instance: UserFSM, raw: bool, using: str, **kwargs: Any) -> None:
    """`post_save` of `UserFSM`: a state from a fixture sets `is_active` to match."""
    if raw:
        mirror_is_active([instance.user_id], using=using)


def end_account(instance: UserFSM, using: str, **kwargs: Any) -> None:
    """`pre_delete` of `UserFSM`."""
    lifecycle.end(instance, using=using)


def end_schedule(instance: UserFSM, now: Underway, **kwargs: Any) -> None:
    """`account_ended`: cancel scheduled changes, so that they do not apply to a later user with the same key."""
    refuse_pending(instance, using=now.using)


def forget_mails(instance: UserFSM, now: Underway, **kwargs: Any) -> None:
    """`account_ended`: under the lock of the account, so that none is queued in between."""
    queue.forget(instance.user_id, using=now.using)


def provision_missing_users(using: str, **kwargs: Any) -> None:
    """`post_migrate` of this app, unless the database is only partly migrated."""
    tables = connections[using].introspection.table_names()
    if UserFSM._meta.db_table in tables:
        provision_missing(using=using)


def tell_person(instance: UserFSM, name: str, source: str, method_kwargs: Mapping[str, Any], **kwargs: Any) -> None:
    """`post_transition` of `UserFSM`."""
    occasions.tell(instance, name, source, method_kwargs)


def welcome(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """`user_logged_in`."""
    if not arrival.welcome(request, user):
        sessions.turn_away(request, user)
        this_request.note_turned_away()


def forget_session(request: HttpRequest, **kwargs: Any) -> None:
    """`user_logged_out`."""
    sessions.forget(request)


def count_address(request: HttpRequest | None = None, **kwargs: Any) -> None:
    """`user_login_failed`."""
    asked_in = this_request.of(request)
    if asked_in is not None:
        address_limit.count(asked_in)

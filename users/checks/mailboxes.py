"""A system check of the mailboxes that accounts have. It asks the database, as `check --database` and `migrate` do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.core import checks
from django.core.checks import CheckMessage
from django.core.exceptions import FieldDoesNotExist
from django.db import connections, models
from django.db.models import Count
from django.db.models.functions import Lower

from users.checks.values import Configs
from users.conf import conf


def check_mailboxes_have_one_owner(
    app_configs: Configs, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """`users.W026`: two accounts should not have one mailbox: its reader can set the passwords of both."""
    hint = (
        "Give each account an address of its own, or set USERS_SHARED_MAILBOXES = True if people share them. Code that"
        " saves users outside of requests should call full_clean() first, which refuses the address of another account."
    )
    return [
        checks.Warning(f"{count} mailboxes on {alias!r} have several accounts", hint=hint, id="users.W026")
        for alias in databases or ()
        if not conf.shared_mailboxes and (count := _shared(alias))
    ]


def _shared(alias: str) -> int:
    """Return the number of mailboxes with several accounts. `save()` outside of a request can lead to them."""
    model = get_user_model()
    name = model.get_email_field_name()
    if not _has_column(alias, model, name):
        return 0
    people = model._base_manager.using(alias).exclude(**{name: ""}).exclude(**{f"{name}__isnull": True})
    mailboxes = people.order_by().values(mailbox=Lower(name)).annotate(accounts=Count("pk"))
    return int(mailboxes.filter(accounts__gt=1).count())


def _has_column(alias: str, model: type[models.Model], name: str) -> bool:
    """Whether there is a column of addresses. A user model may lack it, and so does a database before `migrate`."""
    try:
        column = model._meta.get_field(name).column  # type: ignore[union-attr]  # not of a relation
    except FieldDoesNotExist:
        return False
    connection = connections[alias]
    with connection.cursor() as cursor:
        inspected = connection.introspection
        if model._meta.db_table not in inspected.table_names(cursor):
            return False
        return column in {each.name for each in inspected.get_table_description(cursor, model._meta.db_table)}


OF_DATABASES = (check_mailboxes_have_one_owner,)

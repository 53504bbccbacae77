"""Makes the group and permissions that belong to the record, and removes them with its tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddField, CreateModel, Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from audit.conf import conf
from audit.exceptions import RecordsWouldBeLost
from audit.models import UserStateAudit
from users.models import UserFSM

Plan = Sequence[tuple[Migration, bool]]

AUDITORS = "auditor"
"""The group of people who may read and export the record. The project decides who is in it."""

PERMISSIONS = {
    "view_userstateaudit": "Can view change of state",
    "export_userstateaudit": "Can export changes of state",
}
TABLES = {"user_audit": UserStateAudit._meta.db_table, "user_lifecycle": UserFSM._meta.db_table}
"""Our apps by their labels, with a table that each has from its first migration to its last."""


def comes(plan: Plan) -> bool:
    """Whether this `migrate` brought the group of auditors; a project that has deleted it does not get it again."""
    return any(_is(migration, "user_audit", "0002_auditor") and not backwards for migration, backwards in plan)


def goes(plan: Plan, label: str) -> bool:
    """Whether this `migrate` removes one of our apps."""
    return any(_is(migration, label, "0001_initial") and backwards for migration, backwards in plan)


def takes_away(plan: Plan) -> bool:
    """
    Whether this `migrate` goes back past a table or a column of the record.

    That is also what `migrate user_lifecycle zero` does: most migrations of the record build on those of the states.
    """
    back = (migration for migration, backwards in plan if backwards and migration.app_label == "user_audit")
    return any(isinstance(step, (CreateModel, AddField)) for migration in back for step in migration.operations)


def is_home(using: str) -> bool:
    """
    Whether the record is in this database. `migrate` names our migrations in other databases too, but makes no tables
    there.
    """
    return bool(router.allow_migrate_model(using, UserStateAudit))


def create_auditors(using: str) -> None:
    """Make the group; Django makes permissions later in the same `migrate`, and finds these."""
    content_type = ContentType.objects.db_manager(using).get_for_model(UserStateAudit)
    group, _ = Group.objects.using(using).get_or_create(name=AUDITORS)
    permissions = Permission.objects.using(using)
    for codename, name in PERMISSIONS.items():
        permission, _ = permissions.get_or_create(content_type=content_type, codename=codename, defaults={"name": name})
        group.permissions.add(permission)


def would_lose(plan: Plan, using: str) -> int:
    """Return how many records this `migrate` would drop whose deletion nobody has allowed."""
    if conf.records_deletable or not takes_away(plan) or not is_home(using):
        return 0
    return UserStateAudit.objects.using(using).count()


def refuse(plan: Plan, count: int) -> None:
    """Let this `migrate` raise `RecordsWouldBeLost` before its first step."""
    _before_the_first_step(plan, partial(_refuse, count))


def let_records_go(plan: Plan) -> None:
    """Let this `migrate` delete the records first: earlier migrations may not be able to hold them."""
    _before_the_first_step(plan, _delete)


def has_gone(plan: Plan, using: str, label: str) -> bool:
    """Whether this `migrate` has removed one of our apps, and not only forgotten that it was there (`--fake`)."""
    return goes(plan, label) and is_home(using) and TABLES[label] not in connections[using].introspection.table_names()


def clear_up(using: str, label: str) -> None:
    """Remove content types and permissions of an app that has gone, and the group where nobody is in it."""
    ContentType.objects.using(using).filter(app_label=label).delete()
    ContentType.objects.clear_cache()
    if label == "user_audit":
        Group.objects.using(using).filter(name=AUDITORS, user=None).delete()


class _BeforeGoingBack(Operation):
    """
    Does something before a `migrate` takes its first step back.

    With `--fake` it does nothing, like any operation; `pre_migrate` does not say whether steps are faked.
    """

    reversible = True

    def __init__(self, act: Callable[[BaseDatabaseWrapper], None]) -> None:
        self.act = act

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self.act(schema_editor.connection)


def _before_the_first_step(plan: Plan, act: Callable[[BaseDatabaseWrapper], None]) -> None:
    first, _ = plan[0]
    cast(list[Operation], first.operations).append(_BeforeGoingBack(act))  # they run in reverse


def _refuse(count: int, connection: BaseDatabaseWrapper) -> None:
    raise RecordsWouldBeLost(count)


def _delete(connection: BaseDatabaseWrapper) -> None:
    """Delete the records. There are no triggers now."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM user_audit_userstateaudit")


def _is(migration: Migration, label: str, name: str) -> bool:
    return (migration.app_label, migration.name) == (label, name)

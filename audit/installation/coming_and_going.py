"""Makes the group and permissions that belong to the record, and removes them with its tables."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connections, router
from django.db.migrations import AddField, CreateModel, Migration

from audit.conf import conf
from audit.exceptions import RecordsWouldBeLost
from audit.models import UserStateAudit

Plan = Sequence[tuple[Migration, bool]]

AUDITORS = "auditor"
"""The group of people who may read and export the record. The project decides who is in it."""

PERMISSIONS = {
    "view_userstateaudit": "Can view change of state",
    "export_userstateaudit": "Can export changes of state",
}
LABELS = ("user_audit", "user_lifecycle")


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


def refuse_to_lose_records(using: str) -> None:
    """Raise `RecordsWouldBeLost` if `migrate` would drop records whose deletion nobody has allowed."""
    count = UserStateAudit.objects.using(using).count()
    if count and not conf.records_deletable:
        raise RecordsWouldBeLost(count)


def let_records_go(using: str) -> None:
    """Delete the records, because earlier migrations may not be able to hold them. There are no triggers now."""
    with connections[using].cursor() as cursor:
        cursor.execute("DELETE FROM user_audit_userstateaudit")


def clear_up(using: str, label: str) -> None:
    """Remove content types and permissions of an app that has gone, and the group where nobody is in it."""
    ContentType.objects.using(using).filter(app_label=label).delete()
    ContentType.objects.clear_cache()
    if label == "user_audit":
        Group.objects.using(using).filter(name=AUDITORS, user=None).delete()


def _is(migration: Migration, label: str, name: str) -> bool:
    return (migration.app_label, migration.name) == (label, name)

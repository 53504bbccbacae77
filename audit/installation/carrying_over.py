"""
Carries an earlier database over to the labels `user_lifecycle` and `user_audit`.

The apps were labelled `users` and `audit` before. Tables, content types (with their permissions) and the history of
migrations get the new names; `migrate` then applies later changes. No record is touched.
"""

from __future__ import annotations

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

from audit import triggers
from audit.exceptions import NothingToCarryOver, TooOldToCarryOver

LABELS = {"users": "user_lifecycle", "audit": "user_audit"}
MODELS = {
    "users": ("userfsm", "loginsession"),
    "audit": ("userstateaudit", "auditcheckpoint", "auditarchive", "auditfloor"),
}
BEFORE = {
    "users": (
        "0001_initial",
        "0002_existing_users",
        "0003_invitations_and_dormancy",
        "0004_failed_logins",
        "0005_login_sessions",
        "0006_last_login",
    ),
    "audit": ("0001_initial", "0002_evidence", "0003_records_in_admin", "0004_auditor"),
}
"""The earlier migrations, which lead to the same schema as those of `SINCE`."""

SINCE = {
    "user_lifecycle": ("0001_initial", "0002_existing_users"),
    "user_audit": ("0001_initial", "0002_auditor"),
}


def is_needed(using: str) -> bool:
    """Whether this database has earlier tables, also if not all of them, and none of the new ones."""
    tables = set(connections[using].introspection.table_names())
    before = {f"{app}_{model}" for app, models in MODELS.items() for model in models}
    since = {f"{LABELS[app]}_{model}" for app, models in MODELS.items() for model in models}
    return bool(before & tables) and not since & tables


def carry_over(using: str) -> None:
    """
    Rename everything with an old label, in one transaction.

    Raises `NothingToCarryOver` if there is nothing to rename, and `TooOldToCarryOver` if the last earlier migrations
    were not applied. Needs the owner of the tables.
    """
    if not is_needed(using):
        raise NothingToCarryOver(using)
    applied = set(MigrationRecorder(connections[using]).applied_migrations())
    if missing := [(app, name) for app, names in BEFORE.items() for name in names if (app, name) not in applied]:
        raise TooOldToCarryOver(missing)
    with transaction.atomic(using=using):
        triggers.remove(using)
        for app, models in MODELS.items():
            for model in models:
                _rename(connections[using], f"{app}_{model}", f"{LABELS[app]}_{model}")
                _rename_content_type(connections[using], app, model)
        _rewrite_history(connections[using])


def _rename(connection: BaseDatabaseWrapper, old: str, new: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{old}" RENAME TO "{new}"')
        if connection.vendor == "postgresql":
            cursor.execute(f'ALTER SEQUENCE IF EXISTS "{old}_id_seq" RENAME TO "{new}_id_seq"')


def _rename_content_type(connection: BaseDatabaseWrapper, app: str, model: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE django_content_type SET app_label = %s WHERE app_label = %s AND model = %s",
            [LABELS[app], app, model],
        )


def _rewrite_history(connection: BaseDatabaseWrapper) -> None:
    recorder = MigrationRecorder(connection)
    for app, names in BEFORE.items():
        recorder.migration_qs.filter(app=app, name__in=names).delete()
    for app, names in SINCE.items():
        for name in names:
            recorder.record_applied(app, name)

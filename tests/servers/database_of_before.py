"""A database as it was before the labels of today: a script for a process of its own, by the number of accounts."""

MAKE_ONE_OF_BEFORE = """
import sys
from datetime import UTC, datetime

import django

django.setup()
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from audit import triggers
from audit.installation import carrying_over
from audit.integrity.signed.facts import Facts, message_of
from audit.integrity.signed.signing import signature

count = int(sys.argv[1])
for label, names in carrying_over.SINCE.items():
    call_command("migrate", label, names[-1], verbosity=0)
call_command("migrate", "sessions", verbosity=0)
triggers.remove("default")
moment = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
people = User.objects.bulk_create(User(username=f"person{number}") for number in range(count))
User.objects.update(is_active=True)
records = []
for user in people[: count // 2]:
    facts = Facts(user.pk, user.username, 1, "activate", "invited", "active", moment, None, "system", "", "CLI", "", "")
    signed = "1." + signature(message_of(facts, "1.")).partition(".")[2]
    records.append((*facts[:13], signed))
columns = ", ".join((*Facts._fields[:13], "signature"))
with connection.cursor() as cursor:
    cursor.executemany(
        f"INSERT INTO user_audit_userstateaudit ({columns}) VALUES ({', '.join(['%s'] * 14)})", records
    )
    cursor.execute(
        "INSERT INTO user_lifecycle_userfsm (user_id, current_state, version, failed_logins, failed_login_addresses, "
        "failed_logins_untold, automatic_locks, last_login_from) SELECT id, 'active', "
        "CASE WHEN EXISTS (SELECT 1 FROM user_audit_userstateaudit WHERE user_id = auth_user.id) THEN 1 ELSE 0 END, "
        "0, '', 0, 0, '' FROM auth_user"
    )
    for app, models in carrying_over.MODELS.items():
        for model in models:
            cursor.execute(f'ALTER TABLE "{carrying_over.LABELS[app]}_{model}" RENAME TO "{app}_{model}"')
            cursor.execute(
                "UPDATE django_content_type SET app_label = %s WHERE app_label = %s AND model = %s",
                [app, carrying_over.LABELS[app], model],
            )
recorder = MigrationRecorder(connection)
for label in carrying_over.SINCE:
    recorder.migration_qs.filter(app=label).delete()
for app, names in carrying_over.BEFORE.items():
    for name in names:
        recorder.record_applied(app, name)
"""

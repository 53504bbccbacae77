"""A project that has users already, and then adds this app."""

import json
import subprocess
import sys

ADOPT = """
import json
from time import perf_counter

import django

django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection

from users.models import UserFSM

call_command("migrate", "auth", verbosity=0)
with connection.cursor() as cursor:
    cursor.execute('''
        WITH RECURSIVE number(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < 20000)
        INSERT INTO auth_user (username, password, first_name, last_name, email, is_staff, is_superuser, is_active,
                               date_joined)
        SELECT 'person' || i, '!', '', '', '', false, false, i % 3 <> 0, CURRENT_TIMESTAMP FROM number
    ''')

start = perf_counter()
call_command("migrate", verbosity=0)
seconds = perf_counter() - start

accounts = UserFSM.objects
print(json.dumps({
    "seconds": seconds,
    "users": User.objects.count(),
    "active": accounts.filter(current_state="active", user__is_active=True, version=0).count(),
    "deactivated": accounts.filter(current_state="deactivated", user__is_active=False, version=0).count(),
    "seen active": accounts.filter(user__id__gt=0, user__is_active=True).exclude(current_state="active").count(),
}))
UserFSM.objects.in_state("active").first().lock(by="system")
UserFSM.objects.in_state("deactivated").first().reactivate(by="system")
"""


def test_users_who_were_there_before_keep_what_is_active_said_in_many_batches(
    own_database_url, environment, record_testsuite_property
):
    adopted = subprocess.run(
        [sys.executable, "-c", ADOPT],
        env=environment | {"DATABASE_URL": own_database_url},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )

    found = json.loads(adopted.stdout)
    record_testsuite_property("seconds to migrate 20,000 users", found.pop("seconds"))
    assert found == {"users": 20_000, "active": 13_334, "deactivated": 6_666, "seen active": 0}

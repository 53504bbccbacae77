"""A database from before the labels of today is carried over, with records that still verify."""

import json
import subprocess
import sys

from tests.servers.database_of_before import MAKE_ONE_OF_BEFORE

COUNT = """
import json

import django

django.setup()
from django.contrib.auth.models import Group, User

from audit.models import UserStateAudit
from users.models import UserFSM

auditor = Group.objects.get(name="auditor").permissions.first()
print(json.dumps({
    "accounts": UserFSM.objects.count(),
    "births": UserStateAudit.objects.filter(cause="found", sequence=0).count(),
    "records": UserStateAudit.objects.count(),
    "permission": auditor.content_type.app_label,
}))
fsm = User.objects.get(username="person0").fsm
fsm.lock(by="system")
fsm.unlock(by="system")
User.objects.get(username="person9").delete()
"""

HALF = """
import django

django.setup()
from django.db import connection

connection.cursor().execute("CREATE TABLE audit_userstateaudit (id integer)")
"""


def run(environment, *command, check=True):
    return subprocess.run([sys.executable, *command], env=environment, check=check, capture_output=True, text=True)


def test_a_database_of_before_is_carried_over_and_verifies(own_database_url, environment):
    environment |= {"DATABASE_URL": own_database_url}
    run(environment, "-c", MAKE_ONE_OF_BEFORE, "1000")

    refused = run(environment, "manage.py", "migrate", check=False)
    assert refused.returncode == 1
    assert "audit.E020" in refused.stderr
    assert "audit_carry_over" in refused.stderr

    run(environment, "manage.py", "audit_carry_over")
    run(environment, "manage.py", "migrate")
    counted = json.loads(run(environment, "-c", COUNT).stdout.splitlines()[0])
    verified = run(environment, "manage.py", "audit_verify", check=False)

    assert counted == {"accounts": 1000, "births": 500, "records": 1000, "permission": "user_audit"}
    assert verified.returncode == 0, verified.stdout[-2000:]


def test_a_database_whose_earlier_migrations_are_not_all_applied_is_left_alone(own_database_url, environment):
    environment |= {"DATABASE_URL": own_database_url}
    run(environment, "-c", HALF)

    refused = run(environment, "manage.py", "migrate", check=False)
    assert "audit.E020" in refused.stderr

    carried = run(environment, "manage.py", "audit_carry_over", check=False)
    assert carried.returncode == 1
    assert "have to be applied first" in carried.stderr
    assert "users.0001_initial" in carried.stderr


def test_there_is_nothing_to_carry_over_in_a_database_of_today(database_url, environment):
    done = run(environment, "manage.py", "audit_carry_over", check=False)

    assert done.returncode == 1
    assert "nothing" in done.stderr

"""Accounts on a database that is not the default one: everything that belongs to a change is written there."""

import subprocess
import sys

TWO_DATABASES = """
import sys

import django
import tests.settings

tests.settings.DATABASES["other"] = tests.settings.DATABASES["default"] | {"NAME": sys.argv[1], "TEST": {}}
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction
from django_fsm_log.models import StateLog

from audit.models import UserStateAudit
from users.models import UserFSM

call_command("migrate", verbosity=0)
call_command("migrate", database="other", verbosity=0)

def counts(alias):
    return [model.objects.using(alias).count() for model in (User, UserFSM, UserStateAudit, StateLog)]

User.objects.create_user("ada")
ada = User.objects.db_manager("other").create_user("ada")
assert counts("default") == [1, 1, 1, 0]
assert counts("other") == [1, 1, 1, 0]

ada.fsm.activate(by="system")
assert counts("default") == [1, 1, 1, 0]
assert counts("other") == [1, 1, 2, 1]
assert User.objects.using("other").get().is_active
assert not User.objects.get().is_active

assert UserFSM.objects.using("other").bulk_transition("lock", by=ada).changed == 1
assert counts("other") == [1, 1, 3, 2]
assert UserFSM.objects.get().current_state == "invited"

try:
    with transaction.atomic(using="other"):
        ada.fsm.unlock()
        raise LookupError
except LookupError:
    pass
ada.fsm.refresh_from_db()
assert (ada.fsm.current_state, ada.fsm.version) == ("locked", 2)
assert ada.fsm._state.db == "other"

User.objects.using("other").bulk_create([User(username="bob")])
assert User.objects.using("other").get(username="bob").fsm._state.db == "other"
assert counts("default") == [1, 1, 1, 0]
print("works")
"""


def test_an_account_and_its_record_live_on_the_database_of_the_instance(tmp_path, environment):
    default, other = tmp_path / "default.sqlite3", tmp_path / "other.sqlite3"

    ran = subprocess.run(
        [sys.executable, "-c", TWO_DATABASES, other],
        env=environment | {"DATABASE_URL": f"sqlite:///{default}"},
        check=False,
        capture_output=True,
        text=True,
    )

    assert ran.stdout.endswith("works\n"), ran.stderr

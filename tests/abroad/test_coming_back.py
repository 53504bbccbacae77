"""A project that takes the apps out of its settings, lives without them, and puts them back."""

import os
import subprocess
import sys
from pathlib import Path

WITHOUT = """
from tests.abroad.plain import *

ROOT_URLCONF = "tests.abroad.bare.urls"
"""

BEFORE = """
call_command("migrate", verbosity=0)
root = User.objects.create_superuser("root")
for name in ("ada", "bob", "cal"):
    User.objects.create_user(name).fsm.activate(by=root)
User.objects.get(username="ada").fsm.lock(by=root)
"""

MEANWHILE = """
call_command("migrate", verbosity=0)
User.objects.create_user("dan")
User.objects.create_user("eve", is_active=False)
bob = User.objects.get(username="bob")
bob.first_name = "Bob"
bob.save()
try:
    User.objects.filter(username="ada").update(is_active=True)
except DatabaseError:
    pass
else:
    raise AssertionError("a locked account was opened")
try:
    User.objects.get(username="cal").delete()
except DatabaseError:
    pass
else:
    raise AssertionError("an account was deleted without a record")
"""

BACK = """
from audit.models import UserStateAudit
from users.models import UserFSM

call_command("check", databases=["default"], fail_level="ERROR")
call_command("migrate", verbosity=0)
states = dict(UserFSM.objects.values_list("user__username", "current_state"))
assert states == {
    "root": "active", "ada": "locked", "bob": "active", "cal": "active", "dan": "active", "eve": "deactivated"
}, states
assert User.objects.get(username="bob").first_name == "Bob"
for name, transition in (("ada", "unlock"), ("bob", "lock"), ("dan", "lock"), ("eve", "reactivate")):
    user = User.objects.get(username=name)
    before = user.fsm.version
    getattr(user.fsm, transition)(by="system")
    assert UserStateAudit.objects.of(user).latest().sequence == before + 1, name
User.objects.get(username="cal").delete()
call_command("audit_verify")
"""

FIRST = """
import django

django.setup()

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import DatabaseError

User = get_user_model()
"""


def run(script, settings, database_url, folder):
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{Path.cwd()}:{folder}",
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": settings,
    }
    ran = subprocess.run(
        [sys.executable, "-c", FIRST + script], env=environment, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr[-3000:]


def test_the_record_goes_on_where_it_ended(own_database_url, tmp_path):
    (tmp_path / "without.py").write_text(WITHOUT)

    run(BEFORE, "tests.abroad.bare.settings", own_database_url, tmp_path)
    run(MEANWHILE, "without", own_database_url, tmp_path)
    run(BACK, "tests.abroad.bare.settings", own_database_url, tmp_path)

"""A user model that inherits `is_active` from a model with a table of its own, beside people who are no users."""

import json
import subprocess
import sys

MODELS = """
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class Person(models.Model):
    name = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)


class Members(BaseUserManager):
    def create_user(self, email, password=None):
        member = self.model(email=email, name=email)
        member.set_password(password)
        member.save(using=self._db)
        return member

    def create_superuser(self, email, password=None):
        member = self.create_user(email, password)
        member.is_admin = True
        member.save(using=self._db)
        return member


class Member(Person, AbstractBaseUser):
    email = models.EmailField(unique=True)
    is_admin = models.BooleanField(default=False)
    USERNAME_FIELD = "email"
    objects = Members()
"""

SETTINGS = """
from tests.settings import *

INSTALLED_APPS = ["club", *(app for app in INSTALLED_APPS if "admin" not in app)]
AUTH_USER_MODEL = "club.Member"
MIGRATION_MODULES = {"club": None}
SILENCED_SYSTEM_CHECKS = ["users.E021"]
"""

STORY = """
import json
import os

import django

django.setup()
from django.core.management import call_command
from django.db import connection, transaction

from audit import triggers
from audit.exceptions import RefusedByDatabase
from audit.models import UserStateAudit
from club.models import Member, Person
from users.models import UserFSM

call_command("migrate", run_syncdb=True, verbosity=0, skip_checks=True)
told = {"missing triggers": triggers.missing("default")}


def refused(statement):
    try:
        with transaction.atomic():
            statement()
    except RefusedByDatabase as refusal:
        return str(refusal.rule)


def sql(text):
    with connection.cursor() as cursor:
        cursor.execute(text)


root, ada = Member.objects.create_superuser("root@example.com"), Member.objects.create_user("ada@example.com")
told["superuser"], told["member"] = root.fsm.current_state, ada.fsm.current_state

parent = Person.objects.get(pk=ada.pk)
parent.is_active = True
parent.save()
told["opened by the parent"] = UserFSM.objects.get(user=ada).current_state

ada = Member.objects.get(pk=ada.pk)
stale = Person.objects.get(pk=ada.pk)
ada.is_active = False
ada.save()
told["shut"] = UserFSM.objects.get(user=ada).current_state
stale.save()
told["after a stale parent"] = UserFSM.objects.get(user=ada).current_state

guest = Person.objects.create(name="guest")
guest.is_active = False
guest.save()
guest.refresh_from_db()
told["guest"] = guest.is_active
Person.objects.filter(pk=guest.pk).update(is_active=True)

told["update"] = refused(lambda: Member.objects.filter(pk=ada.pk).update(is_active=True))
told["update of the parent"] = refused(lambda: Person.objects.update(is_active=True))
told["key"] = refused(lambda: sql("UPDATE club_person SET id = id + 100"))
told["key of the heir"] = refused(lambda: sql("UPDATE club_member SET person_ptr_id = -person_ptr_id"))

promoted = Member(person_ptr=guest, email="guest@example.com", name="guest")
promoted.save()
told["promoted"] = promoted.fsm.current_state
told["births"] = UserStateAudit.objects.filter(start_state="").count()
call_command("audit_verify", stdout=open(os.devnull, "w"), skip_checks=True)
print(json.dumps(told))
"""


def test_the_door_and_the_rules_are_where_the_column_is(tmp_path, own_database_url, environment):
    club = tmp_path / "club"
    club.mkdir()
    (club / "__init__.py").touch()
    (club / "models.py").write_text(MODELS)
    (tmp_path / "club_settings.py").write_text(SETTINGS)

    done = subprocess.run(
        [sys.executable, "-c", STORY],
        env=environment
        | {
            "DATABASE_URL": own_database_url,
            "DJANGO_SETTINGS_MODULE": "club_settings",
            "PYTHONPATH": f"{tmp_path}:.",
        },
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )

    assert json.loads(done.stdout) == {
        "missing triggers": [],
        "superuser": "active",
        "member": "invited",
        "opened by the parent": "active",
        "shut": "deactivated",
        "after a stale parent": "deactivated",
        "guest": False,
        "update": "is_active_says_the_state",
        "update of the parent": "is_active_says_the_state",
        "key": "user_keeps_the_key",
        "key of the heir": "user_keeps_the_key",
        "promoted": "invited",
        "births": 3,
    }

"""What every story begins with: a migrated database, and a superuser; and what it ends with: a record that verifies."""

import sys

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.test.utils import setup_test_environment

PASSWORD = "right and long"


def begin():
    """Check and migrate as the page says, and return the superuser."""
    call_command("check", fail_level="WARNING")
    call_command("migrate", verbosity=0)
    call_command("check", databases=["default"], fail_level="WARNING")
    setup_test_environment()
    return get_user_model().objects.create_superuser("root", "root@example.com", PASSWORD)


def make(name):
    """Make somebody who can log in."""
    user = get_user_model().objects.create_user(name, f"{name}@example.com", PASSWORD)
    if user.fsm.current_state == "invited":
        user.fsm.activate(by="system")
    return user


def browser_of(name, address="192.0.2.1"):
    """Return a browser in which this person is logged in."""
    client = Client(REMOTE_ADDR=address)
    assert client.login(username=name, password=PASSWORD)
    return client


def state_of(user):
    """Return the state as it is stored."""
    return type(user.fsm).objects.get(user=user.pk).current_state


def last_record(user):
    """Return the newest record of this account."""
    from audit.models import UserStateAudit

    return UserStateAudit.objects.of(user).latest()


def lock(request, key):
    """A view: lock somebody, as whoever acts."""
    from users.models import UserFSM

    UserFSM.objects.get(user=key).lock(description="from a view")
    return HttpResponse("locked")


def end():
    """Verify the record."""
    call_command("audit_verify")
    sys.stderr.write("told\n")

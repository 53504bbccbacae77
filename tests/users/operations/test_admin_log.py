"""Who did what to whom, where no state changes and so no record is made."""

import logging

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry

from tests.factories import make_superuser, make_user
from users.operations.admin_log import log

pytestmark = pytest.mark.django_db


def test_it_stands_in_the_admins_log():
    root, ada = make_superuser("root"), make_user()

    log([ada], by=root, message="Invited again")

    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_repr, entry.change_message) == (root, "ada", "Invited again")
    assert entry.is_change()


def test_it_stands_in_the_log_of_operations_where_there_is_no_admin(monkeypatch, caplog):
    monkeypatch.setattr(apps, "is_installed", lambda name: name != "django.contrib.admin")

    with caplog.at_level(logging.INFO, logger="users.operations"):
        log([make_user()], by=make_superuser("root"), message="Invited again")

    assert caplog.messages == ["'root' did this to 'ada': Invited again"]
    assert not LogEntry.objects.exists()

"""`manage.py flush`, which removes all rows of a database."""

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.core.management.commands import flush as django_flush

from audit.models import UserStateAudit
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def flush():
    call_command("flush", interactive=False, inhibit_post_migrate=True, verbosity=0)


def test_it_says_what_to_do_where_there_are_records(settings):
    settings.AUDIT_RECORDS_DELETABLE = False
    make_user("ada")

    with pytest.raises(CommandError, match="back up the database, then set AUDIT_RECORDS_DELETABLE = True"):
        flush()

    assert UserStateAudit.objects.count() == 2


def test_it_removes_records_that_may_be_deleted(settings):
    settings.AUDIT_RECORDS_DELETABLE = True
    make_user("ada")

    flush()

    assert not User.objects.exists()
    assert not UserStateAudit.objects.exists()


def test_other_reasons_are_told_as_django_tells_them(monkeypatch):
    monkeypatch.setattr(django_flush, "sql_flush", lambda *args, **kwargs: ["nonsense"])

    with pytest.raises(CommandError, match="The SQL was invalid"):
        flush()

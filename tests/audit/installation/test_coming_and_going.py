"""The record comes into a project and leaves it on purpose only, and takes along what it brought."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder

from audit.exceptions import RecordsWouldBeLost
from audit.installation.coming_and_going import AUDITORS
from audit.models import UserStateAudit
from tests.audit.triggers.force import assert_in_force
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def back():
    """Migrates forward again after the test, whatever came of it."""
    yield
    call_command("migrate", verbosity=0)


@pytest.mark.parametrize(
    "target",
    [("user_audit", "zero"), ("user_lifecycle", "zero"), ("user_audit", "0004")],
    ids=["the record", "the states", "a part of the record"],
)
def test_migrate_does_not_take_records_away(back, settings, target):
    settings.AUDIT_RECORDS_DELETABLE = False
    make_user("bob").fsm.deactivate()

    with pytest.raises(RecordsWouldBeLost, match=r"^\d+ records would be lost\. Export them"):
        call_command("migrate", *target, verbosity=0)

    assert issubclass(RecordsWouldBeLost, CommandError)  # one sentence on the terminal, without a traceback
    assert UserStateAudit.objects.filter(username="bob").exists()
    assert_in_force()


def test_migrate_goes_back_past_an_index_of_the_record(back, settings):
    settings.AUDIT_RECORDS_DELETABLE = False
    make_user("bob")

    with pytest.raises(RecordsWouldBeLost):
        call_command("migrate", "user_audit", "0015", verbosity=0)  # the table of notes of steps
    settings.AUDIT_RECORDS_DELETABLE = True
    call_command("migrate", "user_audit", "0014", verbosity=0)
    settings.AUDIT_RECORDS_DELETABLE = False
    call_command("migrate", "user_audit", "0013", verbosity=0)

    assert UserStateAudit.objects.filter(username="bob").exists()


def test_it_takes_them_away_where_the_settings_say_that_they_may_go(back, settings):
    settings.AUDIT_RECORDS_DELETABLE = True
    make_user("bob").fsm.deactivate()

    call_command("migrate", "user_audit", "zero", verbosity=0)

    assert not ContentType.objects.filter(app_label="user_audit").exists()
    assert not Permission.objects.filter(content_type__app_label="user_audit").exists()
    assert not Group.objects.filter(name=AUDITORS).exists()


@pytest.fixture
def remembered():
    """Notes the migrations as applied again after the test."""
    yield
    call_command("migrate", fake=True, verbosity=0)


@pytest.mark.parametrize("may_go", [False, True], ids=["records are kept", "records may go"])
@pytest.mark.parametrize("label", ["user_audit", "user_lifecycle"])
def test_a_faked_migrate_forgets_migrations_and_keeps_all_else(remembered, settings, label, may_go):
    settings.AUDIT_RECORDS_DELETABLE = may_go
    make_user("bob").fsm.deactivate()

    call_command("migrate", label, "zero", fake=True, verbosity=0)

    assert not MigrationRecorder.Migration.objects.filter(app=label).exists()
    assert UserStateAudit.objects.filter(username="bob").exists()
    assert Group.objects.filter(name=AUDITORS).exists()
    assert Permission.objects.filter(content_type__app_label=label).exists()
    assert_in_force()


def test_a_group_with_people_in_it_stays(back, settings):
    settings.AUDIT_RECORDS_DELETABLE = True
    group, _ = Group.objects.get_or_create(name=AUDITORS)
    group.user_set.add(make_user("auditor"))

    call_command("migrate", "user_audit", "zero", verbosity=0)

    assert Group.objects.filter(name=AUDITORS).exists()


def test_the_group_comes_with_its_permissions_and_once_only(back):
    call_command("migrate", "user_audit", "zero", verbosity=0)
    call_command("migrate", verbosity=0)

    group = Group.objects.get(name=AUDITORS)
    assert set(group.permissions.values_list("codename", flat=True)) == {
        "view_userstateaudit",
        "export_userstateaudit",
    }

    group.delete()
    call_command("migrate", verbosity=0)

    assert not Group.objects.filter(name=AUDITORS).exists()

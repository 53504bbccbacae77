import json

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.test import override_settings

from audit import maintenance
from audit.context import acting_as
from audit.exceptions import RefusedByDatabase
from audit.models import UserStateAudit
from audit.rules import Rule
from tests.factories import make_user
from tests.threads import at_once
from users.models import UserFSM
from users.states import State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept")]


@pytest.fixture(autouse=True)
def account() -> User:
    return make_user(state=State.LOCKED)


def delete_records() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM user_audit_userstateaudit")


def assert_kept() -> None:
    with pytest.raises(RefusedByDatabase) as refused, transaction.atomic():
        delete_records()
    assert refused.value.rule is Rule.RECORD_IS_KEPT


def test_records_are_deleted_in_declared_maintenance_and_not_after_it():
    with maintenance.declared("retention"):
        UserStateAudit.objects.transitions().filter(sequence=1)._raw_delete("default")

    assert list(UserStateAudit.objects.transitions().values_list("sequence", flat=True)) == [2]
    assert_kept()


def test_maintenance_within_maintenance_ends_with_the_outer_one():
    with maintenance.declared("retention"):
        with maintenance.declared("a batch of it"):
            pass
        delete_records()

    assert not UserStateAudit.objects.transitions().exists()


def test_an_error_ends_maintenance_and_brings_the_records_back():
    with pytest.raises(ZeroDivisionError), maintenance.declared("retention"):
        delete_records()
        raise ZeroDivisionError

    assert UserStateAudit.objects.transitions().count() == 2
    assert_kept()


@pytest.mark.parametrize("reason", ["", "  "])
def test_maintenance_needs_a_reason(reason):
    with pytest.raises(ValueError, match="reason"), maintenance.declared(reason):
        delete_records()

    assert UserStateAudit.objects.transitions().count() == 2


def test_the_log_says_why_and_who(caplog):
    with caplog.at_level("INFO", "audit"), acting_as("nightly job"), maintenance.declared("retention\x00 of 2025"):
        pass

    (line,) = caplog.messages
    assert json.loads(line) == {"maintenance": "retention\ufffd of 2025", "initiated_by": "nightly job"}


@pytest.mark.django_db(transaction=True)
def test_maintenance_on_one_connection_is_none_on_another():
    if connection.vendor == "sqlite":
        # Without the transaction of a declaration, which would keep the other one out before it is asked.
        with maintenance._declared_on_sqlite(connections["default"], "retention"):
            (outcome,) = at_once(delete_records)
    else:
        with maintenance.declared("retention"):
            (outcome,) = at_once(delete_records)

    assert isinstance(outcome, RefusedByDatabase)


def test_the_setting_for_tests_lets_records_go_without_declaring_anything():
    with override_settings(AUDIT_RECORDS_DELETABLE=True):
        delete_records()

    assert not UserStateAudit.objects.transitions().exists()
    make_user("bob")
    assert_kept()


@pytest.mark.django_db(transaction=True)
def test_the_setting_for_tests_counts_on_connections_that_are_opened_later():
    with override_settings(AUDIT_RECORDS_DELETABLE=True):
        assert at_once(delete_records) == [None]

    assert not UserStateAudit.objects.transitions().exists()


def test_after_retention_the_rules_hold_from_the_first_kept_sequence_on(account):
    with maintenance.declared("retention"):
        UserStateAudit.objects.transitions().filter(sequence=1)._raw_delete("default")

    account.fsm.unlock()
    account.fsm.lock()

    assert list(UserStateAudit.objects.transitions().of(account).values_list("sequence", flat=True)) == [2, 3, 4]
    UserFSM.objects.filter(user=account).delete()
    again = User.objects.get(pk=account.pk)
    assert again.fsm.version == 6  # behind the death of the row

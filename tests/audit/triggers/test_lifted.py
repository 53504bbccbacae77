"""The owner of the tables can let go of the rules for one transaction, to restore a dump."""

import pytest
from django.contrib.auth.models import User

from audit import triggers
from audit.models import UserStateAudit
from tests.audit.refusals.attempts import load, run
from tests.audit.triggers.force import assert_in_force
from tests.factories import make_user
from tests.truth import assert_true_record
from users.states import State

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("kept")]


def test_a_dump_is_restored_while_they_are_lifted():
    user = make_user("bob", state=State.LOCKED)
    rows = [user, user.fsm, *UserStateAudit.objects.of(user)]

    with triggers.lifted("default"):
        for table in ("user_audit_userstateaudit", "user_lifecycle_userfsm", "auth_user"):
            run(f"DELETE FROM {table}")
        load(rows)

    assert UserStateAudit.objects.transitions().of(user).count() == 2
    User.objects.get(pk=user.pk).fsm.unlock()
    assert_true_record(user)
    assert_in_force()


def test_an_error_while_they_are_lifted_brings_them_back():
    with pytest.raises(ZeroDivisionError), triggers.lifted("default"):
        raise ZeroDivisionError

    assert triggers.missing("default") == []
    assert_in_force()

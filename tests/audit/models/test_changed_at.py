"""Since when an account has been in its state: written with each change, and filled in for those from before."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection

from audit.models import UserStateAudit
from tests.factories import make_user
from users.models import UserFSM
from users.rows.provisioning import provision_missing
from users.states import State

pytestmark = pytest.mark.django_db

filling = import_module("audit.migrations.0015_changed_at")


def since(user):
    return UserFSM.objects.get(user=user).changed_at


def recorded(user):
    return UserStateAudit.objects.of(user).latest().datetime


def test_each_change_writes_the_time_of_its_record():
    user = make_user(state=State.INVITED)
    assert since(user) == recorded(user)

    for move in (user.fsm.activate, user.fsm.lock, user.fsm.unlock):
        move()

        assert since(user) == recorded(user) == user.fsm.changed_at


def test_many_changes_at_once_write_it_too():
    people = [make_user(name) for name in ("ada", "bob")]

    UserFSM.objects.bulk_transition("deactivate")

    for user in people:
        assert since(user) == recorded(user)


def test_a_refused_transition_leaves_it_as_it_was():
    user = make_user(state=State.LOCKED)
    before = since(user)

    with pytest.raises(Exception, match="lock"):
        user.fsm.lock()

    assert since(user) == user.fsm.changed_at == before


def test_a_state_that_was_lost_goes_on_since_its_last_record(tamper):
    user = make_user(state=State.LOCKED)
    tamper("DELETE FROM user_lifecycle_userfsm WHERE user_id = %s", [user.pk])

    provision_missing(using="default")

    assert since(user) == recorded(user)


def test_save_does_not_write_it():
    user = make_user()
    before = since(user)
    user.fsm.changed_at = None

    user.fsm.save()

    assert since(user) == before


def test_the_migration_fills_it_in_from_the_record_in_batches(tamper, monkeypatch):
    monkeypatch.setattr(filling, "BATCH_SIZE", 2)
    people = [make_user(f"person-{number}", state=State.LOCKED) for number in range(5)]
    tamper("UPDATE user_lifecycle_userfsm SET changed_at = NULL")
    tamper("DELETE FROM user_audit_userstateaudit WHERE user_id = %s", [people[0].pk])

    filling.fill(apps, connection.schema_editor())

    assert since(people[0]) is None
    for user in people[1:]:
        assert since(user) == recorded(user)
    assert User.objects.filter(fsm__changed_at=None).count() == 1

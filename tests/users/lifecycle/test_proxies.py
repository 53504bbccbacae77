"""A proxy of `UserFSM` is an account like any other: every change through it has its record, and its email."""

import pytest
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.core import serializers

from audit.models import RefusedTransition, UserStateAudit
from tests.factories import make_user
from tests.truth import assert_true_record
from users.exceptions import TransitionRefused
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)


class Membership(UserFSM):
    class Meta:
        app_label = "user_lifecycle"
        proxy = True


class Founder(Membership):
    class Meta:
        app_label = "user_lifecycle"
        proxy = True


class Guest(User):
    class Meta:
        app_label = "auth"
        proxy = True


@pytest.mark.parametrize("proxy", [Membership, Founder])
def test_a_transition_has_its_record_its_state_log_and_its_email(proxy):
    user = make_user(email="ada@example.com")
    outbox.outbox.clear()

    proxy.objects.get(user=user).lock(by="system")

    assert assert_true_record(user).state == State.LOCKED
    assert len(outbox.outbox) == 1


def test_a_bulk_transition_has_its_records():
    users = [make_user("ada"), make_user("bob")]

    assert Membership.objects.all().bulk_transition("lock", by="system").changed == 2

    for user in users:
        assert assert_true_record(user).state == State.LOCKED


def test_a_refusal_is_noted():
    user = make_user()

    with pytest.raises(TransitionRefused):
        Membership.objects.get(user=user).activate(by="system")

    assert RefusedTransition.objects.get().username == user.username


@pytest.mark.parametrize("delete", [lambda rows: rows.delete(), lambda rows: rows.get().delete()])
def test_a_deletion_is_a_death(delete):
    user = make_user()

    delete(Membership.objects.filter(user=user))

    last = UserStateAudit.objects.filter(user=user.pk).latest("sequence")
    assert (last.transition, last.end_state) == ("delete", "")
    assert not UserFSM.objects.filter(user=user).exists()


def test_a_fixture_with_a_proxy_of_the_user_does_not_close_an_account():
    user = make_user()
    fixture = serializers.serialize("json", [user]).replace("auth.user", "auth.guest")
    fixture = fixture.replace('"is_active": true', '"is_active": false')

    for each in serializers.deserialize("json", fixture):
        each.save()

    assert assert_true_record(user).state == State.ACTIVE

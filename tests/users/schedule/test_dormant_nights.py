"""Nights of dormancy between which addresses change."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from tests.factories import make_user
from tests.mail_errors import EVERY_KIND_OF_ERROR
from tests.users.schedule.nights import AFTER, WARN, run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice(clock):
    return make_user("alice", email="alice@example.com")


def throw(error):
    raise error


def change_address(user, address):
    user = User.objects.get(pk=user.pk)
    user.email = address
    user.save()


def warnings():
    return [message.to[0] for message in mail.outbox if message.subject == "Your account will be deactivated"]


@pytest.mark.parametrize("error", EVERY_KIND_OF_ERROR, ids=repr)
def test_a_warning_that_failed_goes_to_the_address_that_the_person_has_meanwhile(clock, alice, monkeypatch, error):
    clock.shift(AFTER - WARN)
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", lambda self, messages: throw(error))
        for _night in range(3):
            assert run() == (0, 0)
            clock.shift(timedelta(days=1))
    change_address(alice, "new@example.com")
    assert run() == (1, 0)
    assert warnings() == ["new@example.com"]
    clock.shift(WARN)
    assert run() == (0, 1)


def test_a_warning_to_an_address_that_was_changed_since_does_not_count(clock, alice):
    clock.shift(AFTER - WARN)
    assert run() == (1, 0)
    clock.shift(WARN / 2)
    change_address(alice, "new@example.com")
    assert run() == (1, 0)
    assert run() == (0, 0)
    clock.shift(WARN / 2)
    assert run() == (0, 0)
    assert warnings() == ["alice@example.com", "new@example.com"]
    clock.shift(WARN / 2)
    assert run() == (0, 1)


def test_whoever_gets_an_address_is_warned_there_and_whoever_loses_it_is_not_mailed(clock, alice):
    bob = make_user("bob")
    clock.shift(AFTER - WARN)
    assert run() == (2, 0)
    change_address(bob, "bob@example.com")
    change_address(alice, "")
    clock.shift(timedelta(days=1))
    run()
    assert warnings() == ["alice@example.com", "bob@example.com"]

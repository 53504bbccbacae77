"""Two administrators at the same moment."""

from functools import partial
from threading import Event

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from tests.factories import make_superuser, make_user
from tests.threads import at_once, wait_until_blocking
from tests.truth import assert_true_record, truth
from users.models import UserFSM
from users.operations import transitioning
from users.operations.sparing import bulk_but_the_last
from users.operations.superusers import Protected
from users.operations.tally import Tally
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 10


def shutting(name, *users, by):
    return lambda: transitioning.move(name, UserFSM.objects.filter(user__in=users), by=by, description="a race")


def retire(*users):
    """Make room for the next round, in which others are the only superusers."""
    UserFSM.objects.filter(user__in=users).bulk_transition("deactivate", by="system")


@pytest.mark.parametrize("name", ["lock", "deactivate"])
def test_of_two_who_shut_each_other_at_the_same_moment_one_stays(name):
    for number in range(ROUNDS):
        ada, bob = make_superuser(f"ada{number}"), make_superuser(f"bob{number}")

        outcomes = at_once(shutting(name, bob, by=ada), shutting(name, ada, by=bob))

        assert sorted([truth(ada).is_active, truth(bob).is_active]) == [False, True]
        assert {type(outcome) for outcome in outcomes} == {Tally, PermissionDenied}
        for user in (ada, bob):
            assert_true_record(user, start=State.ACTIVE)
        retire(ada, bob)


def test_of_two_superusers_whom_two_jobs_shut_at_the_same_moment_one_stays():
    for number in range(ROUNDS):
        ada, bob = make_superuser(f"ada{number}"), make_superuser(f"bob{number}")

        outcomes = at_once(*[partial(job, user) for user in (ada, bob)])

        assert sorted(outcome.changed for outcome, _ in outcomes) == [0, 1]
        assert sorted([truth(ada).is_active, truth(bob).is_active]) == [False, True]
        retire(ada, bob)


def job(user):
    return bulk_but_the_last("lock", UserFSM.objects.filter(user=user), by="a job", description="a race")


def test_administrators_and_bulk_transitions_do_not_wait_for_each_other_for_ever():
    root = make_superuser("root")
    people = [make_user(f"person{number}") for number in range(20)]
    supers = [make_superuser(f"super{number}") for number in range(5)]

    for name, back in [("lock", "unlock"), ("deactivate", "reactivate")] * 2:
        outcomes = at_once(
            shutting(name, *people, *supers, by=root),
            shutting(name, *people, *supers, by=root),
            partial(UserFSM.objects.filter(user__in=[*people, *supers]).bulk_transition, name, by="system"),
        )
        assert sum(outcome.changed for outcome in outcomes) == 25
        UserFSM.objects.bulk_transition(back, by="system")


def test_whoever_waits_for_the_protected_accounts_sees_who_was_made_no_superuser_meanwhile():
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite writers queue")
    ada, bob = make_superuser("ada"), make_superuser("bob")
    locked = Event()

    def unmake():
        with transaction.atomic():
            Protected.read(using="default", lock=True)
            locked.set()
            wait_until_blocking()
            User.objects.filter(pk=ada.pk).update(is_superuser=False)

    def look():
        locked.wait(10)
        with transaction.atomic():
            return Protected.read(using="default", lock=True).superusers.members

    _none, seen = at_once(unmake, look)

    assert seen == {bob.fsm.pk}

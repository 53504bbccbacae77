from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django_fsm.signals import post_transition

from audit.models import UserStateAudit
from tests.factories import make_superuser, make_user
from tests.statements import statements_of
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def run(command, *args, **options):
    output = StringIO()
    call_command(command, *args, **options, stdout=output)
    return output.getvalue().strip()


def lock_out(user):
    for _ in range(5):
        authenticate(username=user.username, password="wrong")


def test_the_sweep_lifts_what_has_ended_once_and_nothing_else():
    with time_machine.travel(NOON, tick=False) as clock:
        ended, by_hand = (make_user(name) for name in ("ended", "by-hand"))
        lock_out(ended)
        by_hand.fsm.lock(by="system")
        clock.shift(timedelta(minutes=20))
        lasting = make_user("lasting")
        lock_out(lasting)
        clock.shift(timedelta(minutes=10))

        assert run("unlock_expired") == "1 unlocked"
        assert run("unlock_expired") == "0 unlocked"

    states = dict(UserFSM.objects.values_list("user__username", "current_state"))
    assert states == {"ended": State.ACTIVE, "by-hand": State.LOCKED, "lasting": State.LOCKED}
    record = UserStateAudit.objects.transitions().of(ended).last()
    assert record is not None
    assert (record.initiated_by, record.ip_address, record.description) == ("system", "CLI", "lock expired")


@pytest.mark.parametrize("error", [IntegrityError("its record does not fit"), ValueError("a receiver's own")], ids=repr)
def test_the_sweep_goes_on_where_one_account_cannot_be_unlocked(receive, caplog, error):
    people = [make_user(name) for name in ("ada", "bob", "cyd")]
    for person in people:
        person.fsm.lock(by="system", until=NOON)

    def refuse(instance, **kwargs):
        if instance.user_id == people[0].pk:
            raise error

    receive(post_transition, refuse)

    with pytest.raises(CommandError, match="1 could not be unlocked"):
        run("unlock_expired")

    states = dict(UserFSM.objects.values_list("user__username", "current_state"))
    assert states == {"ada": State.LOCKED, "bob": State.ACTIVE, "cyd": State.ACTIVE}
    assert "could not unlock 'ada'" in caplog.text


def test_the_sweep_takes_as_many_statements_for_twelve_accounts_as_for_two():
    def locked(*names):
        for name in names:
            make_user(name).fsm.lock(by="system", until=NOON)

    locked("ada", "bob")
    run("unlock_expired")  # builds the queries
    locked("cyd", "dan")
    of_two = statements_of(lambda: run("unlock_expired"))
    locked(*(f"person{number}" for number in range(12)))
    of_twelve = statements_of(lambda: run("unlock_expired"))

    assert not UserFSM.objects.in_state(State.LOCKED).exists()
    assert len(of_twelve) == len(of_two), of_twelve


def test_the_way_back_for_the_last_superuser():
    root = make_superuser("root", password="correct horse")
    lock_out(root)

    assert run("unlock", "root", description="locked myself out") == "root is unlocked"

    record = UserStateAudit.objects.transitions().of(root).last()
    assert record is not None
    assert (record.transition, record.initiated_by, record.description) == ("unlock", "CLI", "locked myself out")
    assert authenticate(username="root", password="correct horse") == root


@pytest.mark.parametrize("state", [State.INVITED, State.ACTIVE, State.DEACTIVATED])
def test_only_a_locked_account_can_be_unlocked(state):
    make_user("ada", state=state)

    with pytest.raises(CommandError, match=f"'ada' is {state}"):
        run("unlock", "ada")


@pytest.mark.parametrize("name", ["nobody", "\0", "x" * 10_000, ""])
def test_an_unknown_name_is_said(name):
    with pytest.raises(CommandError, match="nobody called"):
        run("unlock", name)

"""Two callers of the API at the same moment."""

import pytest

from tests.api import Machine
from tests.factories import make_superuser, make_user
from tests.threads import at_once
from tests.truth import assert_true_record, truth
from users.models import ScheduledChange
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

LOCK, DEACTIVATE, INVITE = (f"user_lifecycle.{name}_userfsm" for name in ("lock", "deactivate", "invite"))
WHY = {"description": "reported stolen"}


def statuses(*calls):
    return sorted(getattr(response, "status_code", response) for response in at_once(*calls))


def test_of_two_who_lock_the_same_account_one_does_and_the_other_is_told():
    machine, person = Machine(LOCK), make_user("person")

    def lock():
        return machine.post(f"/users/{person.pk}/lock", WHY)

    assert statuses(lock, lock) == [200, 409]
    assert assert_true_record(person).version == 2


def test_of_two_with_the_same_version_one_changes():
    machine, person = Machine(LOCK, DEACTIVATE), make_user("person")

    answers = statuses(
        lambda: machine.post(f"/users/{person.pk}/lock", WHY, If_Match='"1"'),
        lambda: machine.post(f"/users/{person.pk}/deactivate", WHY, If_Match='"1"'),
    )

    assert answers[0] == 200
    assert answers[1] in (409, 412)
    assert assert_true_record(person).version == 2


def test_the_same_key_twice_at_once_is_done_once():
    machine, person = Machine(LOCK), make_user("person")

    def lock():
        return machine.post(f"/users/{person.pk}/lock", WHY, Idempotency_Key="a key")

    assert statuses(lock, lock) in ([200, 200], [200, 409])
    assert assert_true_record(person).version == 2


def test_two_invitations_of_one_person_make_one_account():
    machine, body = Machine(INVITE), {"email": "ada@example.com", "username": "ada"}

    assert statuses(*[lambda: machine.post("/invitations", body)] * 2) == [201, 400]


def test_two_superusers_who_lock_each_other_leave_one():
    first, second = make_superuser("first"), make_superuser("second")
    machines = Machine(LOCK, user=first), Machine(LOCK, user=second)

    answers = statuses(
        lambda: machines[0].post(f"/users/{second.pk}/lock", WHY),
        lambda: machines[1].post(f"/users/{first.pk}/lock", WHY),
    )

    assert answers[0] == 200
    assert answers[1] in (401, 403)
    assert sorted([truth(first).state, truth(second).state]) == [State.ACTIVE, State.LOCKED]


def test_of_two_who_cancel_the_same_change_one_does():
    machine, person = Machine(DEACTIVATE), make_user("person")
    body = WHY | {"operation": "deactivate", "at": "2090-01-01T00:00:00Z"}
    change = machine.post(f"/users/{person.pk}/schedule", body).json()["id"]

    def cancel():
        return machine.post(f"/users/{person.pk}/schedule/{change}/cancel", WHY)

    assert statuses(cancel, cancel) == [200, 409]
    assert ScheduledChange.objects.get().outcome == "cancelled"

"""Nobody shuts themselves out, nor the last active superuser."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from tests.factories import make_superuser, make_user
from tests.staff import make_staff
from tests.truth import truth
from users.models import UserFSM
from users.operations import moving
from users.operations.registry import ALL
from users.states import State

pytestmark = pytest.mark.django_db

SHUTTING = ("lock", "deactivate")


def accounts(*users):
    return UserFSM.objects.filter(user__in=users)


def move(name, *users, by):
    before = moving.preview(name, accounts(*users), by=by)
    after = moving.move(name, accounts(*users), by=by, description="a test")
    assert after == before
    return after


@pytest.mark.parametrize("name", SHUTTING)
def test_nobody_shuts_themselves_alone_or_among_others(name):
    root, other, person = make_superuser(), make_superuser("other"), make_user("person")

    assert move(name, root, by=root).left == {"yourself": 1}
    tally = move(name, root, other, person, by=root)

    assert (tally.changed, tally.left) == (2, {"yourself": 1})
    assert truth(root).state == State.ACTIVE


@pytest.mark.parametrize("name", SHUTTING)
def test_staff_are_left_when_they_select_themselves(name):
    make_superuser()
    staff, person = make_staff("staff", "lock_userfsm"), make_user("person")

    tally = move(name, staff, person, by=staff)

    assert (tally.changed, tally.left) == (1, {"yourself": 1})


@pytest.mark.parametrize("name", SHUTTING)
def test_the_last_active_superuser_is_left_alone_or_among_others(name):
    staff = make_staff("staff", "lock_userfsm")
    first, second = make_superuser("first"), make_superuser("second")
    third = make_superuser("third")
    third.fsm.lock(by="system")

    tally = move(name, first, second, make_user("person"), by=staff)

    assert tally.changed == 2
    assert tally.left == {"the last active superuser": 1}
    assert [truth(first).is_active, truth(second).is_active] == [False, True]
    assert move(name, second, by=staff).left == {"the last active superuser": 1}


def test_a_superuser_who_is_not_active_is_deactivated_like_anybody():
    root, locked = make_superuser(), make_superuser("locked")
    locked.fsm.lock(by="system")

    assert move("deactivate", locked, by=root).changed == 1


@pytest.mark.parametrize("name", SHUTTING)
def test_an_administrator_whose_account_was_shut_meanwhile_shuts_nobody_any_more(name):
    root, other, person = make_superuser(), make_superuser("other"), make_user("person")
    root.fsm.lock(by=other)

    with pytest.raises(PermissionDenied):
        moving.move(name, accounts(other, person), by=root, description="revenge")

    assert (truth(other).state, truth(person).state) == (State.ACTIVE, State.ACTIVE)


def test_opening_accounts_has_no_such_rules():
    root = make_superuser()
    other = make_superuser("other")
    other.fsm.lock(by=root)

    assert move("unlock", other, by=root).changed == 1


def test_each_selected_account_is_either_changed_or_left():
    root = make_superuser()
    for number in range(3):
        for state in State:
            make_user(f"{state}{number}", state=state)

    for name in sorted({each.name for each in UserFSM.transitions()}):
        tally = move(name, *User.objects.all(), by=root)
        assert tally.changed + tally.left_in_all == User.objects.count()


def test_every_transition_of_the_code_is_an_operation_with_its_own_permission():
    for transition in UserFSM.transitions():
        assert ALL[transition.name].permissions == [transition.permission]

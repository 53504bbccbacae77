"""Nobody shuts themselves out, nor the last active superuser."""

from datetime import UTC, datetime
from functools import partial

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied

from tests.factories import make_superuser, make_user
from tests.staff import make_staff
from tests.truth import truth
from users.models import UserFSM
from users.operations import lasting_lock, transitioning
from users.operations.registry import ALL
from users.states import State

pytestmark = pytest.mark.django_db

SHUTTING = ("lock", "deactivate")


def accounts(*users):
    return UserFSM.objects.filter(user__in=users)


def move(name, *users, by):
    before = transitioning.preview(name, accounts(*users), by=by)
    after = transitioning.move(name, accounts(*users), by=by, description="a test")
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


@pytest.mark.parametrize("name", sorted({each.name for each in UserFSM.transitions()}))
@pytest.mark.parametrize("state", State)
def test_only_superusers_move_superusers(name, state):
    make_superuser()
    staff, other = make_staff("staff"), make_superuser("other")
    for step in {State.LOCKED: ["lock"], State.DEACTIVATED: ["deactivate"]}.get(state, []):
        getattr(other.fsm, step)(by="system")
    if truth(other).state not in UserFSM.sources_of(name):
        return

    assert move(name, other, by=staff).left == {"protected: only superusers may do this": 1}
    assert move(name, other, by=User.objects.get(username="root")).changed == 1


def test_a_locked_superuser_is_not_locked_for_ever_by_staff():
    staff, root = make_staff("staff"), make_superuser()
    root.fsm.lock(by="system", until=datetime(2100, 1, 1, tzinfo=UTC))

    for operation in (lasting_lock.preview, partial(lasting_lock.keep_locked, description="a test")):
        tally = operation(accounts(root), by=staff)
        assert (tally.changed, tally.left) == (0, {"protected: only superusers may do this": 1})
    assert lasting_lock.keep_locked(accounts(root), by=make_superuser("other"), description="a test").changed == 1


@pytest.fixture
def board(settings):
    """A protected group with two members."""
    settings.USERS_PROTECTED_GROUP = "board"
    people = [make_staff("chair"), make_staff("deputy")]
    Group.objects.create(name="board").user_set.set(people)
    return people


@pytest.mark.parametrize("name", SHUTTING)
def test_one_member_of_the_protected_group_stays_active_whoever_moves_them(board, name):
    root, person = make_superuser(), make_user("person")

    tally = move(name, *board, person, by=root)

    assert (tally.changed, tally.left) == (2, {"the last active member of board": 1})
    assert [truth(member).is_active for member in board] == [False, True]


@pytest.mark.parametrize("name", SHUTTING)
def test_only_members_and_superusers_move_a_member_of_the_protected_group(board, name):
    chair, deputy = board
    staff = make_staff("staff")

    assert move(name, deputy, by=staff).left == {"protected: only superusers may do this": 1}
    assert move(name, deputy, by=chair).changed == 1


def test_a_superuser_who_is_not_active_is_deactivated_like_anybody():
    root, locked = make_superuser(), make_superuser("locked")
    locked.fsm.lock(by="system")

    assert move("deactivate", locked, by=root).changed == 1


@pytest.mark.parametrize("name", SHUTTING)
def test_an_administrator_whose_account_was_shut_meanwhile_shuts_nobody_any_more(name):
    root, other, person = make_superuser(), make_superuser("other"), make_user("person")
    root.fsm.lock(by=other)

    with pytest.raises(PermissionDenied):
        transitioning.move(name, accounts(other, person), by=root, description="revenge")

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
        assert ALL[transition.name].permissions == (transition.permission,)

"""An operation knows the states from which it can change an account, and is not offered in others."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from tests.factories import make_superuser, make_user
from users.models import UserFSM
from users.operations import ALL, Facts, offered
from users.states import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(client, state):
    """An account in this state that every operation for the state can change."""
    user = make_user(email="ada@example.com", state=State.ACTIVE if state == State.LOCKED else state)
    if state == State.ACTIVE:
        client.force_login(user)
    if state == State.LOCKED:
        user.fsm.lock(until=timezone.now() + timedelta(hours=1))
    return UserFSM.objects.get(user=user)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("operation", ALL.values(), ids=lambda operation: operation.name)
def test_it_fits_the_accounts_that_it_would_change(operation, state, account):
    root = make_superuser()
    changed = operation.preview(UserFSM.objects.filter(pk=account.pk), by=root).changed

    assert changed == (state in operation.sources)
    assert operation.fits(Facts(account, by=root)) == bool(changed)


@pytest.mark.parametrize("state", [State.DEACTIVATED])
def test_in_another_state_nothing_is_asked_of_the_database(account, django_assert_num_queries):
    root = make_superuser()

    with django_assert_num_queries(0):
        offered = [
            each.name
            for each in ALL.values()
            if State.DEACTIVATED not in each.sources and each.fits(Facts(account, by=root))
        ]

    assert offered == []


@pytest.mark.parametrize("state", [State.ACTIVE])
def test_it_fits_nobody_whom_the_rules_protect(account, settings):
    keepers = Group.objects.create(name="keepers")
    settings.USERS_PROTECTED_GROUP = "keepers"
    make_user("keeper").groups.add(keepers)
    clerk = make_user("clerk")
    lock = ALL["lock"]
    assert lock.fits(Facts(account, by=clerk))

    account.user.groups.add(keepers)
    assert not lock.fits(Facts(account, by=clerk))
    assert lock.fits(Facts(account, by=make_superuser("second")))
    root = make_superuser()
    assert not lock.fits(Facts(root.fsm, by=root))
    assert not lock.fits(Facts(root.fsm, by=clerk))


@pytest.mark.parametrize("state", [State.ACTIVE])
def test_for_an_ordinary_account_the_transitions_ask_the_database_nothing(account, django_assert_num_queries):
    root = make_superuser()
    assert account.user

    with django_assert_num_queries(0):
        transitions = {each.name for each in UserFSM.transitions() if each.source == State.ACTIVE}
        found = {each.name for each in offered(Facts(account, by=root, is_logged_in=True))}
        assert found == {*transitions, "end_sessions"}

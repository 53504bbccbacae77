"""An operation knows the states from which it can change an account, and is not offered in others."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_superuser, make_user
from users.models import UserFSM
from users.operations.registry import ALL
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
    assert operation.fits(account, by=root) == bool(changed)


@pytest.mark.parametrize("state", [State.DEACTIVATED])
def test_in_another_state_nothing_is_asked_of_the_database(account, django_assert_num_queries):
    root = make_superuser()

    with django_assert_num_queries(0):
        offered = [
            each.name for each in ALL.values() if State.DEACTIVATED not in each.sources and each.fits(account, by=root)
        ]

    assert offered == []

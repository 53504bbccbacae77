"""Transitions of a caller who ends transactions by hand, without `atomic()`."""

import pytest
from django.db import connection, transaction

from tests.factories import make_user
from tests.threads import elsewhere
from tests.truth import assert_true_record
from users.models import UserFSM
from users.states import State

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="Django has no atomic() by hand on SQLite"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def by_hand():
    """Let no statement commit by itself."""
    transaction.set_autocommit(False)
    yield
    transaction.rollback()
    transaction.set_autocommit(True)


@pytest.fixture
def ada():
    return make_user("ada")


def test_a_rollback_takes_the_transition_along(ada, by_hand, move):
    move(ada.fsm, "lock", by="system")
    transaction.rollback()

    assert assert_true_record(ada).state == State.ACTIVE


def test_nothing_is_committed_before_the_caller_does(ada, by_hand, move):
    def stored():
        return UserFSM.objects.get(user=ada).current_state

    ada.fsm.current_state  # noqa: B018 - the transaction begins with a read
    move(ada.fsm, "lock", by="system")
    assert elsewhere(stored) == State.ACTIVE

    transaction.commit()

    assert elsewhere(stored) == State.LOCKED
    assert assert_true_record(ada).state == State.LOCKED

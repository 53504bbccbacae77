"""Each way of getting round the record, tried: the database refuses, and nothing is changed."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from audit.exceptions import RefusedByDatabase
from audit.models import SchedulingNote, UserStateAudit
from audit.rules import Rule
from tests.audit.refusals import attempts, on_records, on_states, on_steps, on_users
from tests.factories import make_user
from users.models import UserFSM

pytestmark = pytest.mark.usefixtures("kept")

ATTEMPTS = [
    pytest.param(each, id=each.name, marks=pytest.mark.django_db(transaction=each.commits))
    for each in on_states.attempts + on_records.attempts + on_users.attempts + on_steps.attempts
    if getattr(each, connection.vendor) is not None
]


def everything() -> list[list[Any]]:
    models: list[Any] = [User, UserFSM, UserStateAudit, SchedulingNote]
    return [list(model._base_manager.order_by("pk").values()) for model in models]


@pytest.fixture
def account() -> User:
    """An active account with three records and a scheduled change; beside it one that was never used."""
    user = make_user("ada")
    user.fsm.lock(by="system")
    user.fsm.unlock(by="system")
    user.fsm.schedule("deactivate", at=timezone.now() + timedelta(days=1), by="HR")
    User.objects.create_user("never used")
    connection.check_constraints()  # PostgreSQL truncates no table while a deferred constraint waits
    return user


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_an_attempt_to_get_round_the_record_is_refused_and_changes_nothing(attempt, account):
    before = everything()

    with pytest.raises(Exception) as raised:  # noqa: PT011 - which one is asked below
        carry_out(attempt, account)

    assert is_refusal(raised.value, getattr(attempt, connection.vendor)), repr(raised.value)
    assert everything() == before


def carry_out(attempt: attempts.Attempt, account: User) -> None:
    if attempt.commits:
        attempt.carry_out(account)
    else:
        with transaction.atomic():
            attempt.carry_out(account)


def is_refusal(error: BaseException, refusal: attempts.Refusal) -> bool:
    if isinstance(error, attempts.RefusedElsewhere):
        return (refusal.message if isinstance(refusal, Rule) else str(refusal)) in str(error)
    if isinstance(refusal, Rule):
        return isinstance(error, RefusedByDatabase) and error.rule is refusal
    return isinstance(refusal, type) and isinstance(error, refusal)


def test_a_refusal_is_an_integrity_error_that_names_its_rule_and_has_the_drivers_error_as_its_cause():
    assert issubclass(RefusedByDatabase, IntegrityError)

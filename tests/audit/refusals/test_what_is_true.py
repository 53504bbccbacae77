"""What is true goes through, however it is written."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from audit import triggers
from audit.models import UserStateAudit
from tests.audit.refusals.attempts import as_stranger, record, run
from tests.factories import make_user
from tests.threads import at_once
from tests.truth import assert_true_record, truth
from users.exceptions import TransitionRefused
from users.models import UserFSM
from users.states import State

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("kept")]

CHANGE = """
    UPDATE user_lifecycle_userfsm SET current_state = 'locked', version = version + 1, changed_at = '2026-01-01'
    WHERE user_id = %(user)s AND version = 1
"""
NEXT = record(sequence=2)
FROM_THE_CHANGE = " ".join((NEXT.replace("VALUES (%(user)s", "SELECT user_id").removesuffix(")"), "FROM changed"))

only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="writes in a WITH are PostgreSQL's")


def test_a_record_and_then_its_change_by_hand():
    user = make_user()

    with transaction.atomic():
        run(NEXT, user=user.pk)
        run(CHANGE, user=user.pk)

    assert truth(user).records[-1] == (2, State.ACTIVE, State.LOCKED)
    assert truth(user).state == State.LOCKED


@only_postgresql
@pytest.mark.parametrize(
    "statement",
    [
        f"WITH noted AS ({NEXT} RETURNING user_id) {CHANGE} AND EXISTS (SELECT FROM noted)",
        f"WITH changed AS ({CHANGE} RETURNING user_id) {FROM_THE_CHANGE}",
        f"WITH noted AS ({NEXT}) {CHANGE}",
        f"WITH changed AS ({CHANGE}) {NEXT}",
    ],
    ids=["the change waits for the record", "the record is made from the change", "change last", "record last"],
)
def test_a_record_and_its_change_in_one_statement_in_any_order(statement):
    user = make_user()

    run(statement, user=user.pk)

    assert truth(user).records[-1] == (2, State.ACTIVE, State.LOCKED)
    assert (truth(user).state, truth(user).version) == (State.LOCKED, 2)


def test_columns_that_no_record_speaks_of_are_free():
    user = make_user()

    run("UPDATE user_lifecycle_userfsm SET invited_at = '2026-01-01' WHERE user_id = %(user)s", user=user.pk)

    assert UserFSM.objects.get(user=user).invited_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_time_that_is_not_known_can_be_filled_in_from_the_record():
    user = make_user(state=State.LOCKED)
    with triggers.lifted("default"):
        run("UPDATE user_lifecycle_userfsm SET changed_at = NULL WHERE user_id = %(user)s", user=user.pk)

    run(
        "UPDATE user_lifecycle_userfsm SET changed_at = (SELECT datetime FROM user_audit_userstateaudit "
        "WHERE user_id = %(user)s AND sequence = 2) WHERE user_id = %(user)s",
        user=user.pk,
    )

    assert UserFSM.objects.get(user=user).changed_at == UserStateAudit.objects.get(user=user, sequence=2).datetime


def test_a_user_can_be_deleted_and_the_records_stay():
    user = make_user(state=State.LOCKED)
    key = user.pk

    user.delete()

    assert not UserFSM.objects.filter(user_id=key).exists()
    assert list(
        UserStateAudit.objects.filter(user_id=key).order_by("sequence").values_list("transition", flat=True)
    ) == [
        "create",
        "activate",
        "lock",
        "delete",
    ]


def test_a_user_can_be_deleted_in_the_transaction_of_a_transition():
    user = make_user()
    key = user.pk

    with transaction.atomic():
        user.fsm.deactivate()
        user.delete()

    changes = UserStateAudit.objects.filter(user_id=key).order_by("sequence").values_list("start_state", "end_state")
    assert list(changes)[-2:] == [(State.ACTIVE, State.DEACTIVATED), (State.DEACTIVATED, "")]


def test_a_user_who_gets_the_key_of_a_deleted_one_begins_a_life_of_their_own():
    user = make_user(state=State.LOCKED)
    key = user.pk
    user.delete()

    again = User.objects.create_user("newcomer", pk=key)

    assert (again.fsm.current_state, again.fsm.version) == (State.INVITED, 4)
    again.fsm.activate()
    assert [record.transition for record in UserStateAudit.objects.of(again)] == ["create", "activate"]


def test_a_row_that_gives_way_to_one_that_is_there_is_no_attempt():
    user = make_user()

    UserFSM.objects.bulk_create([UserFSM(user=user)], ignore_conflicts=True)

    assert truth(user).version == 1


def test_a_refusal_leaves_the_caller_a_transaction_to_go_on_with():
    user = make_user()

    with transaction.atomic():
        with pytest.raises(Exception, match="state_changes_with_its_record"), transaction.atomic():
            run("UPDATE user_lifecycle_userfsm SET version = 9 WHERE user_id = %(user)s", user=user.pk)
        user.fsm.lock()

    assert_true_record(user)


def test_writers_on_one_account_take_turns():
    user = make_user()

    def move():
        for name in ("lock", "unlock") * 5:
            try:
                getattr(UserFSM.objects.get(user=user), name)()
            except TransitionRefused:
                continue

    assert at_once(*[move] * 4) == [None] * 4

    assert_true_record(user)


@only_postgresql
def test_a_role_that_owns_nothing_makes_changes_with_their_records():
    user = make_user()

    as_stranger(f"{NEXT}; {CHANGE}", user=user.pk)

    assert truth(user).state == State.LOCKED

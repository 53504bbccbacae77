"""A transition that raises: nothing is written, and the instance in memory is as it was."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django_fsm.signals import post_transition, pre_transition

from audit.models import UserStateAudit
from tests.factories import make_user
from tests.truth import assert_true_record, in_memory, truth
from users import lifecycle
from users.exceptions import NestedTransition
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db

TABLES = ["user_lifecycle_userfsm", "user_audit_userstateaudit", "django_fsm_log_statelog", "auth_user"]


class Failed(Exception):
    pass


def failing(error):
    def fail(**kwargs):
        raise error

    return fail


def refuse_writes_to(table, error):
    """Make every statement that writes this table raise the error."""
    writes = re.compile(rf'(INSERT INTO|UPDATE|EXECUTE)\b.*"{table}"', re.DOTALL)

    def wrapper(execute, sql, params, many, context):
        if writes.search(sql):
            raise error
        return execute(sql, params, many, context)

    return connection.execute_wrapper(wrapper)


@pytest.mark.parametrize("error", [Failed(), KeyboardInterrupt()], ids=["Exception", "KeyboardInterrupt"])
def test_a_failing_receiver_undoes_everything(move, receive, signal, error):
    user = make_user()
    before, memory, person = truth(user), in_memory(user.fsm), in_memory(user)
    receive(signal, failing(error))

    with pytest.raises(type(error)):
        move(user.fsm, "lock", until=timezone.now())

    assert truth(user) == before
    assert in_memory(user.fsm) == memory
    assert in_memory(user) == person


@pytest.mark.parametrize("error", [Failed(), KeyboardInterrupt()], ids=["Exception", "KeyboardInterrupt"])
@pytest.mark.parametrize("table", TABLES)
def test_a_failing_write_undoes_everything(move, table, error):
    user = make_user()
    before, memory, person = truth(user), in_memory(user.fsm), in_memory(user)

    with pytest.raises(type(error)), transaction.atomic(), refuse_writes_to(table, error):
        move(user.fsm, "lock", until=timezone.now())

    assert truth(user) == before
    assert in_memory(user.fsm) == memory
    assert in_memory(user) == person


def test_a_row_that_the_database_refuses_undoes_the_transition_it_belongs_to(move, receive):
    user = make_user()
    before = truth(user)
    Group.objects.create(name="taken")
    receive(post_transition, lambda **kwargs: lifecycle.write_along(Group(name="taken")))

    with pytest.raises(IntegrityError):
        move(user.fsm, "lock")

    assert truth(user) == before


def test_a_state_row_that_the_database_refuses_undoes_the_transition(move, receive):
    user = make_user()
    before, memory = truth(user), in_memory(user.fsm)

    def end_a_lock_that_is_none(instance, **kwargs):
        instance.locked_until = timezone.now()

    receive(post_transition, end_a_lock_that_is_none)

    with pytest.raises(IntegrityError):
        move(user.fsm, "deactivate")

    assert truth(user) == before
    assert in_memory(user.fsm) == memory


def test_after_a_failure_the_same_instance_makes_its_next_transition(move, receive):
    user = make_user()
    failures = iter([Failed()])

    def fail_once(**kwargs):
        for failure in failures:
            raise failure

    receive(post_transition, fail_once)
    with pytest.raises(Failed):
        move(user.fsm, "lock")

    move(user.fsm, "lock")

    assert assert_true_record(user).state == State.LOCKED


def test_a_stale_instance_is_as_stale_after_a_failure_as_before(receive):
    user = make_user()
    stale = UserFSM.objects.get(user=user)
    user.fsm.lock()
    memory = in_memory(stale)
    receive(pre_transition, failing(Failed()))

    with pytest.raises(Failed):
        stale.unlock()

    assert in_memory(stale) == memory
    assert stale.current_state == State.ACTIVE


def test_a_row_that_was_deleted_meanwhile_is_an_error_and_leaves_no_record():
    user = make_user()
    fsm = user.fsm
    records = UserStateAudit.objects.transitions().count()
    user.delete()
    memory = in_memory(fsm)

    with pytest.raises(UserFSM.DoesNotExist):
        fsm.lock()

    assert UserStateAudit.objects.transitions().count() == records
    assert in_memory(fsm) == memory


def test_an_account_that_a_receiver_deletes_in_its_own_transition_is_an_error_that_undoes_both(move, receive):
    user = make_user()
    records = UserStateAudit.objects.count()
    receive(post_transition, lambda instance, **kwargs: UserFSM.objects.filter(pk=instance.pk).delete())

    with pytest.raises(NestedTransition):
        move(user.fsm, "lock")

    assert UserStateAudit.objects.count() == records
    assert truth(user).state == State.ACTIVE


def test_an_account_that_was_never_saved_makes_no_transition():
    with pytest.raises(UserFSM.DoesNotExist):
        UserFSM(user=make_user(), current_state=State.ACTIVE).lock()


def test_an_argument_that_no_transition_takes_changes_nothing(move):
    user = make_user()
    before = truth(user)

    with pytest.raises(TypeError):
        move(user.fsm, "deactivate", until=timezone.now() + timedelta(days=1))

    assert truth(user) == before


@pytest.mark.django_db(transaction=True)
def test_a_hook_that_fails_after_the_commit_raises_but_undoes_nothing(move, receive):
    user = make_user()
    receive(post_transition, lambda **kwargs: transaction.on_commit(failing(Failed())))

    with pytest.raises(Failed):
        move(user.fsm, "lock")

    assert assert_true_record(user).state == State.LOCKED

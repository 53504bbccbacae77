"""What a transition promises when it returns, and inside a transaction of the caller."""

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django_fsm.signals import post_transition

from tests.factories import make_user
from tests.threads import elsewhere
from tests.truth import assert_true_record, in_memory, truth
from users import lifecycle
from users.exceptions import NoOpenUnit, TransitionRefused
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db


class CallerFailed(Exception):
    pass


@pytest.mark.django_db(transaction=True)
def test_a_transition_is_committed_with_everything_that_belongs_to_it_when_it_returns(move):
    user = make_user()

    move(user.fsm, "lock", by="system")

    told = elsewhere(lambda: assert_true_record(user))
    assert (told.state, told.version, told.is_active) == (State.LOCKED, 2, False)


def test_the_instance_shows_what_was_written():
    user = make_user()

    user.fsm.lock(by="system")

    assert in_memory(user.fsm) == in_memory(UserFSM.objects.get(user=user))
    assert user.is_active is False


def test_a_transition_returns_nothing():
    assert make_user().fsm.lock() is None


def test_an_instance_that_knows_only_some_columns_makes_its_transition():
    user = make_user()

    UserFSM.objects.only("pk").get(user=user).lock()

    assert assert_true_record(user).state == State.LOCKED


@pytest.mark.django_db(transaction=True)
def test_an_outer_rollback_takes_back_everything(move):
    user = make_user()
    before = truth(user)

    with pytest.raises(CallerFailed), transaction.atomic():
        move(user.fsm, "lock")
        assert assert_true_record(user).state == State.LOCKED
        raise CallerFailed

    assert truth(user) == before


@pytest.mark.django_db(transaction=True)
def test_after_an_outer_rollback_the_same_instance_goes_on_from_the_truth(move):
    user = make_user()
    with pytest.raises(CallerFailed), transaction.atomic():
        user.fsm.lock()
        raise CallerFailed

    move(user.fsm, "deactivate")

    assert assert_true_record(user).records[-1] == (2, State.ACTIVE, State.DEACTIVATED)


@pytest.mark.django_db(transaction=True)
def test_nobody_sees_a_transition_before_the_caller_commits(move):
    user = make_user()
    before = truth(user)

    with transaction.atomic():
        move(user.fsm, "lock")
        assert elsewhere(lambda: truth(user)) == before

    assert elsewhere(lambda: truth(user)).state == State.LOCKED


def test_a_refusal_caught_inside_an_atomic_block_leaves_the_block_usable():
    user = make_user()

    with transaction.atomic():
        Group.objects.create(name="before")
        with pytest.raises(TransitionRefused):
            user.fsm.unlock()
        Group.objects.create(name="after")
        user.fsm.lock()

    assert Group.objects.filter(name__in=["before", "after"]).count() == 2
    assert assert_true_record(user).state == State.LOCKED


def test_an_error_caught_inside_an_atomic_block_takes_back_the_transition_alone(move, receive, signal):
    user = make_user()
    before = truth(user)

    def fail(**kwargs):
        raise CallerFailed

    receive(signal, fail)
    with transaction.atomic():
        Group.objects.create(name="before")
        with pytest.raises(CallerFailed):
            move(user.fsm, "lock")

    assert Group.objects.filter(name="before").exists()
    assert truth(user) == before


def test_several_transitions_in_one_transaction_follow_one_another(move):
    user = make_user()

    with transaction.atomic():
        for transition in ("lock", "unlock", "deactivate", "reactivate"):
            move(user.fsm, transition)

    assert assert_true_record(user).version == 5


def test_write_along_outside_of_a_transition_is_an_error():
    with pytest.raises(NoOpenUnit):
        lifecycle.write_along(Group(name="lost"))


def test_write_along_after_a_transition_is_an_error(move):
    move(make_user().fsm, "lock")

    with pytest.raises(NoOpenUnit):
        lifecycle.write_along(Group(name="lost"))


def test_what_is_underway_is_known_of_no_account_outside_of_its_transition():
    with pytest.raises(NoOpenUnit):
        lifecycle.underway(make_user().fsm)


def test_calling_django_fsms_own_method_without_the_lifecycle_is_an_error_and_writes_nothing():
    user = make_user()
    before = truth(user)

    with pytest.raises(NoOpenUnit):
        UserFSM.lock.__wrapped__(user.fsm)  # type: ignore[attr-defined]

    assert truth(user) == before


def test_a_last_step_is_called_once_with_what_all_accounts_handed_over(receive):
    users = [make_user(f"user{number}") for number in range(3)]
    calls = []

    def step(items, *, using):
        states = UserFSM.objects.filter(user__in=users).values_list("current_state", flat=True)
        calls.append((sorted(items), set(states)))

    def hand_over(instance, **kwargs):
        lifecycle.finish_with(step, instance.user_id)

    receive(post_transition, hand_over)
    UserFSM.objects.filter(user__in=users).bulk_transition("lock", by="system")

    assert calls == [(sorted(user.pk for user in users), {State.LOCKED})]


def test_a_last_step_that_fails_undoes_everything(move, receive):
    user = make_user()
    before = truth(user)

    def step(items, *, using):
        raise CallerFailed

    receive(post_transition, lambda **kwargs: lifecycle.finish_with(step, None))
    with pytest.raises(CallerFailed):
        move(user.fsm, "lock")

    assert truth(user) == before


def test_a_last_step_that_asks_for_a_rollback_is_an_error_and_no_silence(move, receive):
    ada = make_user("ada")
    before, memory = truth(ada), in_memory(ada.fsm)

    def asks(items, *, using):
        transaction.set_rollback(True, using=using)

    receive(post_transition, lambda **kwargs: lifecycle.finish_with(asks, None))

    with pytest.raises(transaction.TransactionManagementError):
        move(ada.fsm, "lock")

    assert truth(ada) == before
    assert in_memory(ada.fsm) == memory


def test_a_last_step_with_no_unit_open_is_an_error():
    def step(items, *, using):
        raise CallerFailed

    with pytest.raises(NoOpenUnit):
        lifecycle.finish_with(step, None)

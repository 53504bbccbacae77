"""Transitions that receivers make inside a transition."""

from contextlib import suppress
from contextvars import copy_context

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django_fsm.signals import post_transition, pre_transition

from tests.factories import make_user
from tests.truth import assert_true_record, in_memory, truth
from users import lifecycle
from users.exceptions import NestedTransition, NoOpenUnit, TransitionRefused
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def bob():
    return make_user("bob")


def only_for(user, call):
    """A receiver that calls when this user's account is in transition."""

    def receiver(instance, **kwargs):
        if instance.user_id == user.pk:
            call()

    return receiver


def swallowing(call):
    def swallow():
        with suppress(Exception):
            call()

    return swallow


@pytest.mark.parametrize("handled", [lambda call: call, swallowing], ids=["raised", "swallowed"])
def test_a_transition_of_the_same_user_inside_its_transition_undoes_both(move, receive, signal, ada, handled):
    before, memory = truth(ada), in_memory(ada.fsm)
    again = UserFSM.objects.get(user=ada)
    receive(signal, only_for(ada, handled(lambda: move(again, "deactivate"))))

    with pytest.raises(NestedTransition):
        move(ada.fsm, "lock")

    assert truth(ada) == before
    assert in_memory(ada.fsm) == memory


def test_it_undoes_both_behind_a_transition_of_another_user_too(move, receive, ada, bob):
    before = truth(ada), truth(bob)
    receive(post_transition, only_for(ada, swallowing(lambda: move(bob.fsm, "lock"))))
    receive(post_transition, only_for(bob, swallowing(lambda: UserFSM.objects.get(user=ada).deactivate())))

    with pytest.raises(NestedTransition):
        move(ada.fsm, "lock")

    assert (truth(ada), truth(bob)) == before


def test_a_transition_of_another_user_works_in_the_same_transaction(move, receive, signal, ada, bob):
    receive(signal, only_for(ada, lambda: move(bob.fsm, "deactivate", by="ada's receiver")))

    move(ada.fsm, "lock")

    assert assert_true_record(ada).state == State.LOCKED
    assert assert_true_record(bob).state == State.DEACTIVATED


def test_a_transition_of_another_user_is_undone_with_the_outer_one(move, receive, signal, ada, bob):
    before = truth(ada), truth(bob)

    def lock_bob_and_fail():
        bob.fsm.lock()
        raise LookupError

    receive(signal, only_for(ada, lock_bob_and_fail))

    with pytest.raises(LookupError):
        move(ada.fsm, "lock")

    assert (truth(ada), truth(bob)) == before


def test_a_refused_transition_of_another_user_undoes_the_outer_one(move, receive, signal, ada, bob):
    before = truth(ada), truth(bob)
    receive(signal, only_for(ada, bob.fsm.unlock))

    with pytest.raises(TransitionRefused) as refused:
        move(ada.fsm, "lock")

    assert refused.value.username == "bob"
    assert (truth(ada), truth(bob)) == before


def test_a_refusal_of_another_user_that_the_receiver_handles_leaves_the_outer_one_alone(
    move, receive, signal, ada, bob
):
    before = truth(bob)
    receive(signal, only_for(ada, swallowing(bob.fsm.unlock)))

    move(ada.fsm, "lock")

    assert assert_true_record(ada).state == State.LOCKED
    assert truth(bob) == before


def test_a_receiver_can_veto_a_transition_with_django_fsms_own_error(receive, ada):
    before = truth(ada)
    receive(pre_transition, only_for(ada, lambda: lifecycle.write_along(Group(name="left behind"))))
    receive(pre_transition, only_for(ada, ada.fsm.unlock.__wrapped__.__get__(UserFSM.objects.get(user=ada))))

    with pytest.raises(Exception, match="unlock"):
        ada.fsm.lock()

    assert truth(ada) == before
    assert not Group.objects.filter(name="left behind").exists()


@pytest.mark.django_db(transaction=True)
def test_a_transition_of_the_same_user_may_wait_for_the_commit(move, receive, ada):
    def deactivate_later():
        transaction.on_commit(lambda: UserFSM.objects.get(user=ada).deactivate(by="later"))

    def receiver(instance, name, **kwargs):
        if name == "lock":
            deactivate_later()

    receive(post_transition, receiver)

    move(ada.fsm, "lock")

    assert assert_true_record(ada).records[-2:] == (
        (2, State.ACTIVE, State.LOCKED),
        (3, State.LOCKED, State.DEACTIVATED),
    )


def test_a_context_that_outlives_the_transition_knows_that_it_is_over(move, receive, ada):
    copies = []
    receive(post_transition, only_for(ada, lambda: copies.append(copy_context())))
    move(ada.fsm, "lock")
    (context,) = copies

    with pytest.raises(NoOpenUnit):
        context.run(lifecycle.write_along, Group(name="lost"))
    context.run(move, UserFSM.objects.get(user=ada), "deactivate")

    assert assert_true_record(ada).state == State.DEACTIVATED

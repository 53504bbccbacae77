"""Instances that do not know what happened meanwhile: they see the truth, and saving them is harmless."""

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError
from django.utils import timezone

from tests.factories import make_user
from tests.truth import assert_true_record, in_memory, truth
from users.exceptions import ProtectedColumn, TransitionRefused
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def stale(user):
    """An account that this instance believes to be active, while it is locked."""
    stale = UserFSM.objects.select_related("user").get(user=user)
    user.fsm.lock(by="somebody else", until=timezone.now())
    return stale


def test_a_stale_instance_sees_the_truth(user, stale):
    stale.unlock()

    assert assert_true_record(user).records[-1] == (3, State.LOCKED, State.ACTIVE)
    assert in_memory(stale) == in_memory(UserFSM.objects.get(user=user))
    assert stale.user.is_active


def test_a_stale_instance_is_refused_what_the_truth_does_not_allow(user, stale):
    before = truth(user)

    with pytest.raises(TransitionRefused) as refused:
        stale.lock()

    assert refused.value.state == State.LOCKED
    assert truth(user) == before


def test_there_is_one_winner_of_two_who_saw_the_same_state(user):
    first, second = UserFSM.objects.get(user=user), UserFSM.objects.get(user=user)

    first.lock()
    with pytest.raises(TransitionRefused):
        second.lock()

    assert assert_true_record(user).version == 2


SAVES = {
    "save()": {},
    "force_update": {"force_update": True},
    "update_fields of everything": {"update_fields": sorted(UserFSM.protected_columns)},
    "update_fields of the state": {"update_fields": ["current_state"]},
    "update_fields of another column": {"update_fields": ["user"]},
}


@pytest.mark.parametrize("kwargs", SAVES.values(), ids=SAVES)
def test_saving_after_a_transition_is_harmless(user, kwargs):
    user.fsm.lock(until=timezone.now())
    before, row = truth(user), UserFSM.objects.values().get(user=user)

    user.fsm.save(**kwargs)

    assert truth(user) == before
    assert UserFSM.objects.values().get(user=user) == row


@pytest.mark.parametrize("kwargs", SAVES.values(), ids=SAVES)
def test_saving_a_stale_instance_overwrites_nothing(user, stale, kwargs):
    before, row = truth(user), UserFSM.objects.values().get(user=user)

    stale.save(**kwargs)

    assert truth(user) == before
    assert UserFSM.objects.values().get(user=user) == row


def test_an_insert_cannot_be_forced_over_a_row_that_is_there(user):
    before = truth(user)
    again = UserFSM(pk=user.fsm.pk, user=user, current_state=State.LOCKED, version=7)

    with pytest.raises(ValueError, match="Cannot force both"):
        again.save(force_update=True)
    with pytest.raises(ValueError, match="Cannot force both"):
        again.save(update_fields=["current_state"])

    assert truth(user) == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kwargs", [{}, {"force_insert": True}], ids=["save()", "force_insert"])
def test_a_new_instance_with_the_key_of_a_row_does_not_overwrite_it(kwargs):
    user = make_user()
    before = truth(user)

    with pytest.raises(IntegrityError):
        UserFSM(pk=user.fsm.pk, user=user, current_state=State.LOCKED, version=7).save(**kwargs)
    with pytest.raises(IntegrityError):
        user.fsm.save(force_insert=True)

    assert truth(user) == before


def test_saving_a_row_that_was_deleted_meanwhile_does_not_bring_it_back(user):
    fsm = user.fsm
    UserFSM.objects.filter(pk=fsm.pk).delete()

    with pytest.raises(DatabaseError):
        fsm.save()


def test_the_state_cannot_be_assigned(user):
    with pytest.raises(AttributeError, match="current_state"):
        user.fsm.current_state = State.LOCKED


@pytest.mark.parametrize("column", sorted(UserFSM.protected_columns))
def test_a_queryset_updates_no_column_that_only_a_transition_writes(user, column):
    before = truth(user)

    with pytest.raises(ProtectedColumn, match=column):
        UserFSM.objects.update(**{column: None})
    with pytest.raises(ProtectedColumn, match=column):
        UserFSM.objects.bulk_update([user.fsm], [column])
    with pytest.raises(ProtectedColumn, match=column):
        UserFSM._default_manager.filter(user=user).update(**{column: None})

    assert truth(user) == before


def test_refreshing_shows_the_truth(user, stale):
    stale.refresh_from_db()

    assert in_memory(stale) == in_memory(UserFSM.objects.get(user=user))


def test_refreshing_some_fields_leaves_the_others(user, stale):
    stale.refresh_from_db(fields=["current_state"])

    assert (stale.current_state, stale.version) == (State.LOCKED, 1)


def test_refreshing_a_row_that_is_gone_leaves_the_instance_and_the_protection_as_they_were(stale):
    UserFSM.objects.all().delete()
    memory = in_memory(stale)

    with pytest.raises(UserFSM.DoesNotExist):
        stale.refresh_from_db()

    assert in_memory(stale) == memory
    with pytest.raises(AttributeError, match="current_state"):
        stale.current_state = State.LOCKED


def test_saving_a_stale_user_does_not_move_is_active(user):
    stale_active = User.objects.get(pk=user.pk)
    user.fsm.lock()
    stale_locked = User.objects.get(pk=user.pk)

    stale_active.first_name = "Ada"
    stale_active.save()
    assert not assert_true_record(user).is_active

    user.fsm.unlock()
    stale_locked.save()
    assert assert_true_record(user).is_active

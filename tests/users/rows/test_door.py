"""What code assigns to `is_active` is carried out by `save()` as a transition; what nobody assigned changes nothing."""

import copy
import pickle

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F
from django.forms import modelform_factory
from django.utils import timezone

from audit import context
from audit.exceptions import RefusedByDatabase
from audit.models import UserStateAudit
from tests.factories import make_superuser, make_user
from tests.truth import assert_true_record, in_memory, truth
from users.causes import Cause
from users.exceptions import IsActiveNotWritable
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db

UserForm = modelform_factory(User, fields=["first_name", "is_active"])

OPENED = [(State.INVITED, "activate"), (State.LOCKED, "unlock"), (State.DEACTIVATED, "reactivate")]
SAVES = {
    "save()": {},
    "update_fields": {"update_fields": ["is_active"]},
    "update_fields with others": {"update_fields": ["first_name", "is_active"]},
    "force_update": {"force_update": True},
}


@pytest.fixture
def user():
    return make_user(password="a long one")


def last_record(user):
    return UserStateAudit.objects.of(user).latest()


def fetched(user):
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("kwargs", SAVES.values(), ids=SAVES)
def test_false_deactivates(user, kwargs):
    person = fetched(user)

    person.is_active = False
    person.save(**kwargs)

    assert assert_true_record(user).state == State.DEACTIVATED
    assert (last_record(user).transition, last_record(user).cause) == ("deactivate", Cause.IS_ACTIVE)
    assert not person.is_active


@pytest.mark.parametrize("kwargs", SAVES.values(), ids=SAVES)
@pytest.mark.parametrize(("state", "transition"), OPENED)
def test_true_activates_unlocks_or_reactivates(kwargs, state, transition):
    user = make_user(state=state)
    person = fetched(user)

    person.is_active = True
    person.save(**kwargs)

    assert assert_true_record(user).state == State.ACTIVE
    assert (last_record(user).transition, last_record(user).cause) == (transition, Cause.IS_ACTIVE)
    assert person.is_active


def test_the_other_columns_are_saved_with_it(user):
    user.is_active, user.first_name = False, "Ada"
    user.save()

    assert fetched(user).first_name == "Ada"


def test_asave_is_the_same_door(user):
    user.is_active = False
    async_to_sync(user.asave)()

    assert assert_true_record(user).state == State.DEACTIVATED


def test_the_actor_is_the_one_whom_the_context_names(user):
    with context.acting_as("the nightly import"):
        user.is_active = False
        user.save()

    assert last_record(user).initiated_by == "the nightly import"


def test_the_account_in_memory_shows_what_was_written(user):
    fsm = user.fsm

    user.is_active = False
    user.save()

    assert user.fsm is fsm
    assert in_memory(fsm).items() >= {"current_state": State.DEACTIVATED, "version": 2}.items()


@pytest.mark.parametrize("state", State)
def test_a_loaded_value_is_no_assignment(state):
    user = make_user(state=state)
    version = user.fsm.version
    person = fetched(user)

    person.is_active = person.is_active
    person.save()

    assert assert_true_record(user).version == version


def test_an_assignment_that_is_taken_back_is_none(user):
    user.is_active = False
    user.is_active = True
    user.save()

    assert assert_true_record(user).version == 1


def test_an_intention_is_carried_out_once(user):
    user.is_active = False
    user.save()
    user.fsm.reactivate()
    user.save()

    assert assert_true_record(user).state == State.ACTIVE


def test_somebody_locked_meanwhile_is_deactivated_all_the_same(user):
    person = fetched(user)
    user.fsm.lock(until=timezone.now())

    person.is_active = False
    person.save()

    assert assert_true_record(user).state == State.DEACTIVATED


@pytest.mark.parametrize("value", [True, False])
def test_work_that_another_process_has_done_is_not_done_again(value):
    user = make_user(state=State.DEACTIVATED if value else State.ACTIVE)
    person = fetched(user)
    user.fsm.reactivate() if value else user.fsm.deactivate()
    version = truth(user).version

    person.is_active = value
    person.save()

    assert assert_true_record(user).version == version
    assert person.is_active == value


def test_a_stale_instance_that_nobody_assigned_to_changes_nothing(user):
    stale_active = fetched(user)
    user.fsm.lock()
    stale_locked = fetched(user)

    stale_active.first_name = "Ada"
    stale_active.save()
    assert assert_true_record(user).state == State.LOCKED

    user.fsm.unlock()
    stale_locked.save()
    assert assert_true_record(user).state == State.ACTIVE


def test_where_nothing_was_assigned_a_save_costs_one_query(user, django_assert_num_queries):
    person = fetched(user)

    person.first_name = "Ada"
    with django_assert_num_queries(1):  # the address may be asked for by others
        person.save(update_fields=["first_name", "is_active"])


def test_a_save_of_other_fields_leaves_the_intention_for_later(user):
    user.is_active, user.last_login = False, timezone.now()

    user.save(update_fields=["last_login"])
    assert assert_true_record(user).state == State.ACTIVE

    user.save()
    assert assert_true_record(user).state == State.DEACTIVATED


def test_a_deferred_is_active_that_is_loaded_is_no_intention(user):
    person = User.objects.defer("is_active").get(pk=user.pk)
    assert person.is_active
    user.fsm.lock()

    person.save()

    assert assert_true_record(user).state == State.LOCKED


def test_a_deferred_is_active_stays_deferred_where_nobody_asks(user):
    person = User.objects.only("username").get(pk=user.pk)

    person.save()

    assert "is_active" in person.get_deferred_fields()
    assert assert_true_record(user).state == State.ACTIVE


@pytest.mark.parametrize(
    ("state", "value", "end"),
    [
        (State.ACTIVE, False, State.DEACTIVATED),
        (State.ACTIVE, True, State.ACTIVE),
        (State.LOCKED, True, State.ACTIVE),
        (State.LOCKED, False, State.LOCKED),
        (State.INVITED, False, State.INVITED),
    ],
)
def test_what_is_assigned_to_a_deferred_is_active_is_compared_with_what_is_stored(state, value, end):
    user = make_user(state=state)
    person = User.objects.only("username").get(pk=user.pk)

    person.is_active = value
    person.save()

    assert assert_true_record(user).state == end


def test_refreshing_is_loading(user):
    person = fetched(user)
    user.fsm.lock()
    person.refresh_from_db()
    assert not person.is_active
    user.fsm.unlock()

    person.save()

    assert assert_true_record(user).state == State.ACTIVE


def test_refreshing_forgets_an_intention(user):
    user.is_active = False
    user.refresh_from_db()
    user.save()

    assert user.is_active
    assert assert_true_record(user).state == State.ACTIVE


def test_refreshing_other_fields_keeps_an_intention(user):
    user.is_active = False
    user.refresh_from_db(fields=["first_name"])
    user.save()

    assert assert_true_record(user).state == State.DEACTIVATED


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda user: pickle.loads(pickle.dumps(user))])  # noqa: S301
def test_copies_and_pickles_carry_an_intention_and_nothing_else(user, again):
    untouched, touched = fetched(user), fetched(user)
    touched.is_active = False
    user.fsm.lock()

    again(untouched).save()
    assert assert_true_record(user).state == State.LOCKED

    again(touched).save()
    assert assert_true_record(user).state == State.DEACTIVATED


def test_a_transition_is_no_assignment(user):
    person = fetched(user)
    person.fsm.lock()
    assert not person.is_active
    user.fsm.unlock()

    person.save()

    assert assert_true_record(user).state == State.ACTIVE


def test_a_transition_method_after_an_assignment_is_what_counts(user):
    user.is_active = False
    user.fsm.lock()
    user.save()

    assert assert_true_record(user).state == State.LOCKED


def test_a_ticked_box_opens_and_one_that_is_not_shuts(user):
    for data, state in (({}, State.DEACTIVATED), ({"is_active": "on"}, State.ACTIVE)):
        form = UserForm({"first_name": "Ada"} | data, instance=fetched(user))
        assert form.is_valid()
        form.save()

        assert assert_true_record(user).state == state


def test_a_form_on_a_stale_instance_changes_nothing_that_it_did_not_change(user):
    person = fetched(user)
    user.fsm.lock()

    form = UserForm({"first_name": "Ada", "is_active": "on"}, instance=person)
    assert form.is_valid()
    form.save()

    assert assert_true_record(user).state == State.LOCKED
    assert fetched(user).first_name == "Ada"


def test_djangos_own_form_for_users_is_a_door_too():
    user = make_superuser()
    data = {"username": "root", "date_joined_0": "2026-01-01", "date_joined_1": "00:00", "date_joined": "2026-01-01"}

    form: UserChangeForm[User] = UserChangeForm(data, instance=user)
    assert form.is_valid(), form.errors
    form.save()

    assert assert_true_record(user, start=State.ACTIVE).state == State.DEACTIVATED


def test_update_or_create_is_a_door_too(user):
    User.objects.update_or_create(username="ada", defaults={"is_active": False})

    assert assert_true_record(user).state == State.DEACTIVATED


def test_get_or_create_gets_and_does_not_open():
    user = make_user(state=State.LOCKED)

    User.objects.get_or_create(username="ada", defaults={"is_active": True})

    assert assert_true_record(user).state == State.LOCKED


def test_get_or_create_makes_somebody_who_starts_as_anybody():
    user, _ = User.objects.get_or_create(username="ada", defaults={"is_active": True})

    assert assert_true_record(user).state == State.INVITED


def test_a_user_found_without_a_state_gets_one_first():
    [user] = User.objects.bulk_create([User(username="ada")])
    person = fetched(user)

    person.is_active = False
    person.save()

    assert assert_true_record(user, start=State.ACTIVE).records == ((1, State.ACTIVE, State.DEACTIVATED),)


def test_an_instance_of_a_user_who_was_deleted_makes_somebody_new(user):
    person = fetched(user)
    user.delete()

    person.is_active = False
    person.save()

    assert truth(person).state == State.INVITED
    assert not truth(person).is_active


def test_bulk_update_has_no_instance_to_save_and_is_refused(user):
    user.is_active = False

    with pytest.raises(RefusedByDatabase, match="bulk_transition"), transaction.atomic():
        User.objects.bulk_update([user], ["is_active"])


def test_an_instance_that_is_not_saved_does_not_move(user):
    other = make_user("bob")
    user.is_active, user.username = False, other.username

    with pytest.raises(IntegrityError), transaction.atomic():
        user.save()

    assert assert_true_record(fetched(user)).state == State.ACTIVE
    user.username = "ada"
    user.save()
    assert assert_true_record(user).state == State.DEACTIVATED


def test_a_save_that_a_receiver_forbids_can_be_tried_again(user, receive, signal):
    def forbid(**kwargs):
        raise ZeroDivisionError

    receive(signal, forbid)
    user.is_active, user.first_name = False, "Ada"

    with pytest.raises(ZeroDivisionError):
        user.save()

    assert assert_true_record(user).state == State.ACTIVE
    assert (fetched(user).first_name, user.is_active) == ("", False)
    signal.disconnect(forbid, sender=UserFSM)
    user.save()
    assert assert_true_record(user).state == State.DEACTIVATED


@pytest.mark.parametrize("value", [0, "0", "False"])
def test_what_django_takes_for_false_is_false(user, value):
    user.is_active = value
    user.save()

    assert assert_true_record(user).state == State.DEACTIVATED
    assert user.is_active is False


def test_an_expression_is_refused(user):
    user.is_active = F("is_staff")

    with pytest.raises(IsActiveNotWritable, match="is_active follows from the state"):
        user.save()

    assert assert_true_record(user).state == State.ACTIVE


def test_refuse_raises_and_writes_nothing(user, settings):
    settings.USERS_IS_ACTIVE_WRITES = "refuse"
    user.is_active, user.first_name = False, "Ada"

    with pytest.raises(IsActiveNotWritable, match="call a transition method"):
        user.save()

    assert assert_true_record(user).state == State.ACTIVE
    assert fetched(user).first_name == ""


def test_refuse_lets_a_stale_instance_be_saved(user, settings):
    settings.USERS_IS_ACTIVE_WRITES = "refuse"
    stale = fetched(user)
    user.fsm.lock()

    stale.save()

    assert assert_true_record(user).state == State.LOCKED


def test_ignore_saves_the_rest_and_shows_again_what_was_loaded(user, settings):
    settings.USERS_IS_ACTIVE_WRITES = "ignore"
    user.is_active, user.first_name = False, "Ada"

    user.save()

    assert assert_true_record(user).state == State.ACTIVE
    assert fetched(user).first_name == "Ada"
    assert user.is_active


def test_ignore_leaves_what_was_deferred_to_be_loaded(user, settings):
    settings.USERS_IS_ACTIVE_WRITES = "ignore"
    person = User.objects.only("username").get(pk=user.pk)
    person.is_active = False

    person.save()

    assert assert_true_record(user).state == State.ACTIVE
    assert person.is_active


def test_an_app_that_is_made_ready_again_intercepts_no_save_twice():
    before = User.save_base

    apps.get_app_config("user_lifecycle").ready()  # as when a test overrides INSTALLED_APPS

    assert User.save_base is before

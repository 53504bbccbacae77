"""An instance that was never loaded is saved over a user who exists."""

import logging

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from audit.models import UserStateAudit
from tests.factories import make_user
from tests.truth import assert_true_record
from users.causes import Cause
from users.exceptions import IsActiveNotWritable
from users.states import State

pytestmark = pytest.mark.django_db


def test_false_deactivates():
    user = make_user()

    person = User(pk=user.pk, username="ada", first_name="Ada", is_active=False)
    person.save()

    assert assert_true_record(user).state == State.DEACTIVATED
    record = UserStateAudit.objects.of(user).latest()
    assert (record.transition, record.cause) == ("deactivate", Cause.IS_ACTIVE)
    assert User.objects.get(pk=user.pk).first_name == "Ada"
    assert not person.is_active


@pytest.mark.parametrize("kwargs", [{"force_update": True}, {"update_fields": ["is_active"]}])
def test_false_deactivates_whatever_is_written(kwargs):
    user = make_user()

    User(pk=user.pk, username="ada", is_active=False).save(**kwargs)

    assert assert_true_record(user).state == State.DEACTIVATED


@pytest.mark.parametrize("state", [State.INVITED, State.LOCKED, State.DEACTIVATED])
def test_true_is_the_default_and_lets_nobody_in(state, caplog):
    user = make_user(state=state)
    caplog.set_level(logging.WARNING, "users.transitions")

    person = User(pk=user.pk, username="ada", first_name="Ada")
    person.save()

    assert assert_true_record(user).state == state
    assert User.objects.get(pk=user.pk).first_name == "Ada"
    assert not person.is_active
    assert "is_active=True, the default, was not written" in caplog.text


def test_true_that_update_fields_names_lets_in():
    user = make_user(state=State.LOCKED)

    User(pk=user.pk, username="ada", is_active=True).save(update_fields=["is_active"])

    assert assert_true_record(user).state == State.ACTIVE


def test_update_fields_without_is_active_change_nothing():
    user = make_user()

    User(pk=user.pk, username="ada", is_active=False, first_name="Ada").save(update_fields=["first_name"])

    assert assert_true_record(user).state == State.ACTIVE
    assert User.objects.get(pk=user.pk).first_name == "Ada"


@pytest.mark.parametrize("state", [State.ACTIVE, State.DEACTIVATED])
def test_saving_the_stored_value_makes_no_record(state, caplog):
    user = make_user(state=state)
    records = UserStateAudit.objects.of(user).count()

    User(pk=user.pk, username="ada", is_active=state == State.ACTIVE).save()

    assert UserStateAudit.objects.of(user).count() == records
    assert assert_true_record(user).state == state
    assert "was saved over" not in caplog.text


def test_where_is_active_is_not_written_it_is_refused(settings):
    settings.USERS_IS_ACTIVE_WRITES = "refuse"
    user = make_user()

    with pytest.raises(IsActiveNotWritable):
        User(pk=user.pk, username="ada", is_active=False).save()

    assert assert_true_record(user).state == State.ACTIVE


def test_where_it_is_ignored_the_instance_shows_what_is_stored(settings):
    settings.USERS_IS_ACTIVE_WRITES = "ignore"
    user = make_user()
    person = User(pk=user.pk, username="ada", is_active=False)

    person.save()

    assert person.is_active
    assert assert_true_record(user).state == State.ACTIVE


def test_somebody_without_a_state_gets_one_first():
    (user,) = User.objects.bulk_create([User(username="ada")])

    User(pk=user.pk, username="ada", is_active=False).save()

    assert assert_true_record(user, start=State.ACTIVE).state == State.DEACTIVATED


def test_a_new_user_with_a_key_of_their_own_is_new():
    user = User(pk=4711, username="ada", is_active=False)
    user.save()

    assert assert_true_record(user).state == State.INVITED


def test_a_forced_insert_asks_nothing_and_fails_as_in_django(django_assert_num_queries):
    user = make_user()

    with django_assert_num_queries(1), pytest.raises(IntegrityError):
        User(pk=user.pk, username="bob", is_active=False).save(force_insert=True)


def test_a_new_user_without_a_key_costs_no_query_more():
    with CaptureQueriesContext(connection) as queries:
        User(username="bob").save()

    assert not [each for each in queries if f'FROM "{User._meta.db_table}"' in each["sql"]]

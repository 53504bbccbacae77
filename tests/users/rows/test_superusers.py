"""`createsuperuser` ends with somebody who can log in, whatever the manager does."""

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import authenticate
from django.contrib.auth.models import User, UserManager
from django.core.management import call_command

from tests.factories import make_user
from tests.truth import assert_true_record, in_memory
from users.rows.superusers import watch_managers
from users.states import State

pytestmark = pytest.mark.django_db


class ManagerOfTheDocumentation(UserManager[User]):
    """Makes a plain user and then saves the same instance again, as the one in Django's documentation does."""

    def create_superuser(self, username, email=None, password=None, **fields):
        user = self.create_user(username, email, password)
        user.is_staff = True  # their `is_admin`: nothing says `is_superuser`
        user.save(using=self._db)
        return user

    async def acreate_superuser(self, username, email=None, password=None, **fields):
        user = await self.acreate_user(username, email, password)
        user.is_staff = True
        await user.asave(using=self._db)
        return user


class Person(User):
    objects = ManagerOfTheDocumentation()  # type: ignore[assignment]

    class Meta:
        app_label = "auth"
        proxy = True


watch_managers(Person)


def test_the_command_makes_somebody_who_can_log_in(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a long one")

    call_command("createsuperuser", interactive=False, username="root", email="root@example.com", verbosity=0)

    assert authenticate(username="root", password="a long one") == User.objects.get()


def test_a_manager_that_makes_a_plain_user_first_makes_somebody_active():
    made = Person.objects.create_superuser("root", password="a long one")

    assert assert_true_record(made, start=State.ACTIVE).version == 0
    assert made.is_active
    assert authenticate(username="root", password="a long one") is not None


def test_one_is_active_although_the_model_says_that_people_start_as_inactive(monkeypatch):
    monkeypatch.setattr(User._meta.get_field("is_active"), "default", False)
    monkeypatch.delitem(User._meta.get_field("is_active").__dict__, "_get_default", raising=False)

    assert assert_true_record(Person.objects.create_superuser("root"), start=State.ACTIVE).version == 0
    assert Person.objects.create_user("ada").fsm.current_state == State.INVITED


def test_one_who_is_made_as_inactive_is_deactivated():
    made = User.objects.create_superuser("root", is_active=False)

    assert assert_true_record(made, start=State.DEACTIVATED).version == 0


def test_so_does_one_that_is_awaited():
    made = async_to_sync(Person.objects.acreate_superuser)("root", password="a long one")

    assert assert_true_record(made, start=State.ACTIVE).version == 0


def test_its_plain_users_start_as_anybody():
    Person.objects.create_superuser("root")

    assert assert_true_record(Person.objects.create_user("ada")).state == State.INVITED


def test_watching_twice_is_watching_once():
    method = Person.objects.create_superuser

    watch_managers(Person)

    assert Person.objects.create_superuser == method


def test_an_instance_made_plain_and_saved_as_a_superuser_is_active():
    user = User.objects.create_user("root", password="a long one")
    assert user.fsm.current_state == State.INVITED

    user.is_staff = user.is_superuser = True
    user.save()

    assert user.is_active
    assert assert_true_record(user).state == State.ACTIVE
    assert in_memory(user.fsm)["current_state"] == State.ACTIVE
    assert authenticate(username="root", password="a long one") == user


def test_it_is_active_once_that_is_written():
    user = User.objects.create_user("root")
    user.is_superuser = True

    user.save(update_fields=["first_name"])
    assert assert_true_record(user).state == State.INVITED

    user.save(update_fields=["is_superuser"])
    assert assert_true_record(user).state == State.ACTIVE


def test_one_that_was_deactivated_in_between_stays_so():
    user = User.objects.create_user("root")
    User.objects.get(pk=user.pk).fsm.deactivate()

    user.is_superuser = True
    user.save()

    assert assert_true_record(user).state == State.DEACTIVATED


def test_somebody_invited_who_becomes_a_superuser_later_stays_invited():
    user = User.objects.get(pk=make_user(state=State.INVITED).pk)

    user.is_superuser = True
    user.save()

    assert assert_true_record(user).state == State.INVITED


def test_a_superuser_who_is_locked_stays_locked_however_often_the_instance_is_saved():
    user = User.objects.create_user("root")
    user.is_superuser = True
    user.save()
    user.fsm.lock()

    user.save()

    assert assert_true_record(user).state == State.LOCKED

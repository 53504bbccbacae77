import pytest
from django.contrib.auth.models import Group, User

from audit.models import UserStateAudit
from tests.factories import make_superuser, make_user
from users.conf import conf
from users.exceptions import LastActiveSuperuser, TransitionRefused
from users.people import leaving
from users.states import State

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse"


def state_of(user):
    return User.objects.get(pk=user.pk).fsm.current_state


@pytest.fixture
def alice(client):
    user = make_user("alice", password=PASSWORD)
    client.login(username="alice", password=PASSWORD)
    return user


def test_people_deactivate_their_account_with_their_password(client, alice):
    page = client.post("/accounts/leave/", {"password": PASSWORD}, follow=True)

    assert "Your account has been deactivated." in page.text
    assert "_auth_user_id" not in client.session
    record = UserStateAudit.objects.transitions().of(alice).last()
    assert record is not None
    assert (record.transition, record.actor_id, record.initiated_by) == ("deactivate", alice.pk, "alice")


def test_opening_the_page_changes_nothing(client, alice):
    assert client.get("/accounts/leave/").status_code == 200
    assert state_of(alice) == State.ACTIVE


def test_a_wrong_password_is_said_and_counts_as_a_failed_login(client, alice):
    page = client.post("/accounts/leave/", {"password": "wrong"})

    assert "That is not your password." in page.text
    assert state_of(alice) == State.ACTIVE
    assert User.objects.get().fsm.failed_logins == 1


def test_guessing_at_it_locks_the_account_and_ends_the_session(client, alice):
    for _ in range(conf.lockout_failure_limit):
        client.post("/accounts/leave/", {"password": "wrong"})

    assert state_of(alice) == State.LOCKED
    assert client.get("/accounts/").status_code == 302


@pytest.mark.parametrize("password", ["", "\x00", "x" * 10_000, "\ufffd"])
def test_a_text_that_can_be_no_password_is_refused(client, alice, password):
    assert client.post("/accounts/leave/", {"password": password}).status_code == 200
    assert state_of(alice) == State.ACTIVE


def test_the_last_active_superuser_cannot_leave(client):
    root = make_superuser("root", password=PASSWORD)
    make_superuser("away").fsm.deactivate(by="system")
    client.login(username="root", password=PASSWORD)

    page = client.post("/accounts/leave/", {"password": PASSWORD})

    assert "You are the last active superuser." in page.text
    assert state_of(root) == State.ACTIVE


def test_the_last_active_member_of_the_protected_group_is_told_so(client, alice, settings):
    settings.USERS_PROTECTED_GROUP = "keepers"
    alice.groups.add(Group.objects.create(name="keepers"))

    page = client.post("/accounts/leave/", {"password": PASSWORD})

    assert "You are the last active member of keepers." in page.text
    assert state_of(alice) == State.ACTIVE


def test_of_two_superusers_one_can_leave(client):
    first, second = make_superuser("first"), make_superuser("second")

    leaving.leave(first)
    with pytest.raises(LastActiveSuperuser):
        leaving.leave(second)

    assert (state_of(first), state_of(second)) == (State.DEACTIVATED, State.ACTIVE)


def test_an_account_that_was_just_closed_cannot_leave_too(alice):
    stale = User.objects.get(pk=alice.pk)
    alice.fsm.deactivate(by="system")

    with pytest.raises(TransitionRefused):
        leaving.leave(stale)

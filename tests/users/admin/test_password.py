"""Administrators change their own password in the admin."""

import pytest
from django.contrib.auth.models import User

from tests.factories import make_superuser
from users.states import State

pytestmark = pytest.mark.django_db

PAGE = "/admin/password_change/"
OLD, NEW = "correct horse", "battery staple"


@pytest.fixture
def admin(client):
    admin = make_superuser("admin", password=OLD)
    client.login(username="admin", password=OLD)
    return admin


def change(client, old):
    return client.post(PAGE, {"old_password": old, "new_password1": NEW, "new_password2": NEW})


def test_a_changed_password_keeps_this_session_and_leads_to_the_admins_own_page(client, admin):
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "Django administration" in page.text

    assert change(client, OLD).headers["Location"] == "/admin/password_change/done/"

    assert User.objects.get(pk=admin.pk).check_password(NEW)
    assert client.get("/admin/").status_code == 200


def test_guessing_at_the_old_password_locks_the_account(client, admin):
    for _ in range(5):
        assert "That is not your password." in change(client, "a guess").text

    admin = User.objects.get(pk=admin.pk)
    assert admin.fsm.current_state == State.LOCKED
    assert admin.check_password(OLD)
    assert change(client, OLD).headers["Location"].startswith("/admin/login/")


def test_a_person_who_is_not_staff_is_sent_to_the_login(client):
    assert client.get(PAGE).headers["Location"].startswith("/admin/login/")

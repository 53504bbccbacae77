"""A project with an admin of its own for users inherits the states."""

import pytest
from django.contrib.admin import AdminSite
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.urls import path, reverse

from tests.factories import make_superuser, make_user
from tests.truth import truth
from users.admin import UserStateAdmin
from users.states import State

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

site = AdminSite("theirs")


class TheirUserAdmin(UserStateAdmin, UserAdmin):  # type: ignore[type-arg]
    list_display = ("email", "is_active", "username")
    list_filter = ("is_active", "is_staff")
    list_editable = ("username",)
    add_fieldsets = ((None, {"fields": (("username", "is_active"), "password1", "password2", "usable_password")}),)


site.register(User, TheirUserAdmin)
urlpatterns = [path("theirs/", site.urls)]


@pytest.fixture
def admin(client):
    admin = make_superuser("admin")
    client.force_login(admin)
    return admin


def test_their_list_has_the_state_in_place_of_is_active(client, admin):
    changelist = client.get(reverse("theirs:auth_user_changelist")).context["cl"]

    assert changelist.list_display == ["action_checkbox", "email", "account_state", "last_seen", "username"]
    assert "is_active" not in changelist.list_filter
    assert "is_staff" in changelist.list_filter


def test_is_active_is_in_no_form_of_theirs(client, admin):
    add = client.get(reverse("theirs:auth_user_add"))
    change = client.get(reverse("theirs:auth_user_change", args=(admin.pk,)))

    assert "is_active" not in add.content.decode()
    assert "is_active" not in change.context["adminform"].form.fields


def test_their_buttons_post_to_their_own_site(client, admin):
    person = make_user("person")
    page = client.get(reverse("theirs:auth_user_change", args=(person.pk,)))
    (lock,) = [offer for offer in page.context["account"].offers if offer.operation.name == "lock"]

    assert lock.url.startswith("/theirs/")
    response = client.post(lock.url, {"own_words": "because"})

    assert response["Location"].startswith("/theirs/")
    assert truth(person).state == State.LOCKED


def test_without_somebody_who_keeps_a_record_there_is_no_timeline(client, admin):
    person = make_user("person")

    page = client.get(reverse("theirs:auth_user_change", args=(person.pk,))).content.decode()

    assert '<span class="state-badge state-active">' in page
    assert "account-history" not in page

"""Whoever sets the password or the address of a superuser becomes that superuser, so only superusers may."""

from typing import Any

import pytest
from django.contrib.admin import AdminSite
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import include, path, reverse

from tests.factories import make_superuser, make_user
from tests.staff import make_staff, press
from tests.truth import truth
from users.admin import StateGroupAdmin, UserStateAdmin
from users.states import State

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

NEW = "battery staple"

theirs = AdminSite("theirs")


class TheirUserAdmin(UserStateAdmin, UserAdmin):  # type: ignore[type-arg]
    """A project's own, whose list can be edited."""

    list_display = ("username", "email", "is_superuser")
    list_editable = ("email", "is_superuser")


theirs.register(User, TheirUserAdmin)
theirs.register(Group, StateGroupAdmin)
urlpatterns = [path("theirs/", theirs.urls), path("", include("project.urls"))]


@pytest.fixture
def root():
    return make_superuser(email="root@example.com")


@pytest.fixture
def staff():
    return make_staff("staff", "change_group", "delete_group", "view_group")


@pytest.fixture
def board(settings):
    """The protected group, with a member."""
    settings.USERS_PROTECTED_GROUP = "board"
    board = Group.objects.create(name="board")
    make_user("chair", email="chair@example.com").groups.add(board)
    return board


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def set_password(client: Client, user: User) -> Any:
    page = reverse("admin:auth_user_password_change", args=(user.pk,))
    return client.post(page, {"usable_password": "true", "password1": NEW, "password2": NEW})


def save(client: Client, user: User, **fields: Any) -> Any:
    data = {"username": user.username, "email": user.email, "date_joined_0": "2026-01-31", "date_joined_1": "12:00"}
    if user.is_superuser:
        data["is_superuser"] = "on"
    return client.post(reverse("admin:auth_user_change", args=(user.pk,)), data | fields)


def save_in_list(client: Client, user: User, **fields: Any) -> Any:
    """Change one row of the list; its boxes are unticked unless `fields` says otherwise."""
    data = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": str(user.pk), "_save": "Save"}
    row = {"form-0-email": user.email} | {f"form-0-{name}": value for name, value in fields.items()}
    return client.post(f"{reverse('theirs:auth_user_changelist')}?id={user.pk}", data | row)


def test_staff_set_nobodys_password_among_the_superusers(root, staff):
    assert set_password(logged_in(staff), root).status_code == 403
    assert not User.objects.get(pk=root.pk).check_password(NEW)


@pytest.mark.parametrize("field", ["email", "username", "first_name"])
def test_staff_see_a_superuser_and_change_nothing(root, staff, field):
    client = logged_in(staff)

    page = client.get(reverse("admin:auth_user_change", args=(root.pk,))).text
    assert "_save" not in page
    assert "Only superusers may change this." in page
    assert save(client, root, **{field: "eve@example.com"}).status_code == 403
    assert getattr(User.objects.get(pk=root.pk), field) == getattr(root, field)


def test_superusers_change_superusers_and_staff_change_others(root, staff):
    other, person = make_superuser("other", email="other@example.com"), make_user("person", email="p@example.com")

    for editor, edited in ((root, other), (root, root), (staff, person), (staff, staff)):
        client = logged_in(editor)
        assert save(client, edited, email=f"new-{edited.username}@example.com").status_code == 302
        assert User.objects.get(pk=edited.pk).email == f"new-{edited.username}@example.com"
    assert set_password(logged_in(staff), person).status_code == 302
    assert set_password(logged_in(root), other).status_code == 302


def test_a_member_of_the_protected_group_is_changed_by_members_and_superusers(root, staff, board):
    chair = User.objects.get(username="chair")

    assert set_password(logged_in(staff), chair).status_code == 403
    assert save(logged_in(staff), chair, email="eve@example.com").status_code == 403
    assert set_password(logged_in(root), chair).status_code == 302
    staff.groups.add(board)
    assert set_password(logged_in(staff), chair).status_code == 302


def test_the_operations_that_are_permitted_stay_on_the_page(staff, board):
    """The page that cannot be changed still shows the account; the rule of the operations decides about them."""
    staff.user_permissions.add(Permission.objects.get(codename="lock_userfsm"))
    staff.groups.add(board)
    chair = User.objects.get(username="chair")

    press(logged_in(staff), "lock", chair)

    assert truth(chair).state == State.LOCKED


def test_a_list_that_can_be_edited_asks_too(root, staff):
    client = logged_in(staff)

    refused = save_in_list(client, root, email="eve@example.com", is_superuser="on")
    assert refused.status_code in {302, 403}  # Django 6.1 leaves such a row as it is by itself
    assert User.objects.get(pk=root.pk).email == "root@example.com"
    assert "Only superusers may change this" in save_in_list(client, staff, is_superuser="on").text
    assert not User.objects.get(pk=staff.pk).is_superuser
    person = make_user("person", email="p@example.com")
    assert save_in_list(client, person, email="new@example.com").status_code == 302
    assert User.objects.get(pk=person.pk).email == "new@example.com"


def test_the_last_active_superuser_keeps_the_box_in_a_list_too(root):
    assert "this is the last active superuser" in save_in_list(logged_in(root), root).text
    assert User.objects.get(pk=root.pk).is_superuser

    other = make_superuser("other", email="other@example.com")
    assert save_in_list(logged_in(root), other).status_code == 302
    assert not User.objects.get(pk=other.pk).is_superuser


@pytest.mark.parametrize("site", ["admin", "theirs"])
def test_the_protected_group_is_renamed_and_deleted_by_members_and_superusers_alone(root, staff, board, site):
    client, change = logged_in(staff), reverse(f"{site}:auth_group_change", args=(board.pk,))
    delete = reverse(f"{site}:auth_group_delete", args=(board.pk,))

    assert client.post(change, {"name": "nobody"}).status_code == 403
    assert client.post(delete, {"post": "yes"}).status_code == 403
    groups = reverse(f"{site}:auth_group_changelist")
    client.post(groups, {"action": "delete_selected", ACTION_CHECKBOX_NAME: [str(board.pk)], "post": "yes"})
    assert list(Group.objects.filter(pk=board.pk).values_list("name", flat=True)) == ["board"]

    assert logged_in(root).post(change, {"name": "council"}).status_code == 302


def test_other_groups_are_changed_by_any_staff(staff, board):
    others, client = Group.objects.create(name="others"), logged_in(staff)

    assert client.post(reverse("admin:auth_group_change", args=(others.pk,)), {"name": "rest"}).status_code == 302
    assert client.post(reverse("admin:auth_group_delete", args=(others.pk,)), {"post": "yes"}).status_code == 302

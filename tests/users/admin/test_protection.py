"""The last active superuser in the admin's form and deletions, which make no transition of their own."""

from functools import partial
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse

from audit.models import UserStateAudit
from tests.factories import make_superuser, make_user
from tests.staff import act, make_staff
from tests.threads import at_once
from users.admin import StateUserAdmin

pytestmark = pytest.mark.django_db


def change_url(user):
    return reverse("admin:auth_user_change", args=(user.pk,))


def delete(client, user, reason="left us"):
    return client.post(reverse("admin:auth_user_delete", args=(user.pk,)), {"post": "yes", "reason": reason})


def delete_selected(client, *users, reason="left us"):
    return act(client, "delete_selected", *users, post="yes", reason=reason)


def save(client, user, **fields):
    """Send the form of a person as it is, with some fields changed; None unticks a box."""
    page = client.get(change_url(user))
    data: dict[str, Any] = {}
    for name, field in page.context["adminform"].form.fields.items():
        value = page.context["adminform"].form.get_initial_for_field(field, name)
        if name in ("date_joined", "last_login"):
            moment = getattr(user, name)
            data |= {f"{name}_0": f"{moment:%Y-%m-%d}", f"{name}_1": f"{moment:%H:%M:%S}"} if moment else {}
        elif name in ("groups", "user_permissions"):
            data[name] = [each.pk for each in value]
        elif value not in (None, False):
            data[name] = value
    for name, value in fields.items():
        data.pop(name, None)
        if value is not None:
            data[name] = value
    return client.post(change_url(user), data)


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def root():
    return make_superuser()


@pytest.fixture
def staff():
    return make_staff("staff", "delete_user", "delete_userfsm")


def test_the_last_active_superuser_keeps_the_box(root):
    page = save(logged_in(root), root, is_superuser=None)

    assert page.status_code == 200
    assert "this is the last active superuser" in page.text
    assert User.objects.get(pk=root.pk).is_superuser


def test_one_of_two_may_give_it_up(root):
    make_superuser("other")

    assert save(logged_in(root), root, is_superuser=None).status_code == 302
    assert not User.objects.get(pk=root.pk).is_superuser


def test_another_change_of_the_last_one_is_saved(root):
    assert save(logged_in(root), root, first_name="Ada").status_code == 302
    assert User.objects.get(pk=root.pk).first_name == "Ada"


@pytest.mark.parametrize("tick", [None, "on"])
def test_staff_who_are_no_superusers_make_and_unmake_none(root, staff, tick):
    make_superuser("other")
    person = make_user("person") if tick else make_superuser("person")

    page = save(logged_in(staff), person, is_superuser=tick)

    assert page.status_code == (200 if tick else 403)
    assert tick is None or "Only superusers may change this" in page.text
    assert User.objects.get(pk=person.pk).is_superuser == (tick is None)


class WithTheBox(StateUserAdmin):
    """A project's own, whose page to add somebody has the box."""

    add_fieldsets = ((None, {"fields": ("username", "usable_password", "password1", "password2", "is_superuser")}),)


def test_staff_who_are_no_superusers_add_none(root, staff):
    data = {"username": "eve", "usable_password": "true", "password1": "battery staple", "password2": "battery staple"}

    def errors(by, **more):
        request = RequestFactory().get("/")
        request.user = by
        return WithTheBox(User, admin.site).get_form(request)({**data, **more}).errors.as_data()

    assert list(errors(staff, is_superuser="on")) == ["is_superuser"]
    assert errors(staff) == {}
    assert errors(root, is_superuser="on") == {}


@pytest.mark.parametrize("way", [delete, delete_selected])
def test_the_last_active_superuser_is_not_deleted(root, way):
    way(logged_in(root), root)

    assert User.objects.filter(pk=root.pk).exists()


@pytest.mark.parametrize("way", [delete, delete_selected])
def test_staff_who_are_no_superusers_delete_none(root, staff, way):
    make_superuser("other")
    way(logged_in(staff), root)

    assert User.objects.filter(pk=root.pk).exists()


@pytest.mark.parametrize("way", [delete, delete_selected])
def test_a_superuser_deletes_another_one(root, way):
    other = make_superuser("other")
    way(logged_in(root), other)

    assert not User.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize("way", [delete, delete_selected])
def test_a_deletion_is_recorded_with_its_actor_and_reason(root, way):
    other = make_superuser("other")
    way(logged_in(root), other)

    record = UserStateAudit.objects.filter(username="other").latest("sequence")
    assert (record.transition, record.initiated_by, record.description) == ("delete", "root", "left us")


@pytest.mark.parametrize("way", [delete, delete_selected])
@pytest.mark.parametrize("reason", ["", " ", "\0", "x" * 1001])
def test_a_deletion_without_a_fit_reason_asks_again(root, way, reason):
    other = make_superuser("other")
    page = way(logged_in(root), other, reason=reason)

    assert page.context["deletion"].errors
    assert 'name="reason"' in page.text
    assert User.objects.filter(pk=other.pk).exists()


def test_the_page_before_a_deletion_names_who_has_to_stay(root):
    page = logged_in(root).get(reverse("admin:auth_user_delete", args=(root.pk,)))

    assert "root: the last active superuser" in page.text


def test_the_last_member_of_the_protected_group_stays_in_it(root, settings):
    settings.USERS_PROTECTED_GROUP = "board"
    board = Group.objects.create(name="board")
    chair, deputy = make_user("chair"), make_user("deputy")
    board.user_set.set([chair, deputy])

    assert save(logged_in(root), deputy, groups=[]).status_code == 302
    page = save(logged_in(root), chair, groups=[])
    assert "this is the last active member of board" in page.text
    assert list(board.user_set.all()) == [chair]
    delete(logged_in(root), chair)
    assert User.objects.filter(pk=chair.pk).exists()


@pytest.mark.parametrize("member", [False, True], ids=["into it", "out of it"])
@pytest.mark.parametrize("who", ["a stranger", "a member", "a superuser"])
def test_only_members_and_superusers_choose_who_is_in_the_protected_group(root, staff, settings, member, who):
    settings.USERS_PROTECTED_GROUP = "board"
    board, others = Group.objects.create(name="board"), Group.objects.create(name="others")
    make_user("chair").groups.add(board)
    person = make_user("person")
    person.groups.set([board] if member else [])
    if who == "a member":
        staff.groups.add(board)
    editor = root if who == "a superuser" else staff
    wanted = [others] if member else [board, others]

    page = save(logged_in(editor), person, groups=[str(group.pk) for group in wanted])

    if who == "a stranger":
        refused = "Only members of board and superusers may change who is in it."
        assert page.status_code == 403 if member else refused in page.text
        assert list(person.groups.all()) == ([board] if member else [])
    else:
        assert list(person.groups.all()) == wanted


def test_other_groups_are_chosen_by_any_staff(root, staff, settings):
    settings.USERS_PROTECTED_GROUP = "board"
    others, person = Group.objects.create(name="others"), make_user("person")

    save(logged_in(staff), person, groups=[str(others.pk)])

    assert list(person.groups.all()) == [others]


@pytest.mark.django_db(transaction=True)
def test_of_two_superusers_who_delete_each_other_at_the_same_moment_one_stays():
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite writers queue")
    for number in range(5):
        User.objects.all().delete()
        pair = [make_superuser(f"one{number}"), make_superuser(f"two{number}")]
        clients = [logged_in(user) for user in pair]

        at_once(partial(delete, clients[0], pair[1]), partial(delete, clients[1], pair[0]))

        assert User.objects.filter(is_superuser=True).count() >= 1

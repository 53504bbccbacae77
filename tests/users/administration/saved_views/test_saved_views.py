"""Saved views: names for lists, own or shared, that show nobody more than the list itself."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from tests.factories import make_superuser, make_user
from users.models import SavedView, SavedViewMail
from users.states import State

pytestmark = pytest.mark.django_db

PEOPLE, RECORD = "auth.user", "user_audit.userstateaudit"
SAVE = "admin:user_lifecycle_savedview_save"
VIEWS = "/admin/user_lifecycle/savedview/"


@pytest.fixture
def root(client):
    root = make_superuser(email="root@example.com")
    client.force_login(root)
    return root


def administrator(username, *permissions):
    user = make_user(username, is_staff=True, email=f"{username}@example.com")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def save(client, name="Locked", page=PEOPLE, query="state=locked", **words):
    return client.post(reverse(SAVE), {"name": name, "page": page, "query": query, **words})


def test_a_list_is_saved_under_a_name_and_opened_by_its_link(client, root):
    make_user("lena", state=State.LOCKED)

    answer = save(client, query="p=1&state=locked")
    page = client.get(answer.url)

    assert answer.url == "/admin/auth/user/?state=locked"
    assert "The view “Locked” was saved." in page.text
    assert [user.username for user in page.context["cl"].result_list] == ["lena"]
    assert '<a href="/admin/auth/user/?state=locked" aria-current="true"><bdi>Locked</bdi></a>' in page.text


def test_a_parameter_of_their_page_is_dropped_and_named(client, root):
    answer = client.get(VIEWS, {"state": "locked"})

    assert answer.url == VIEWS
    assert "“state” was left out: this page does not offer it." in client.get(VIEWS).text


def test_the_same_name_replaces_ones_own_view_of_that_list(client, root):
    save(client)
    save(client, query="state=invited")
    save(client, page=RECORD, query="to=locked")

    assert list(SavedView.objects.order_by("pk").values_list("page", "query")) == [
        (PEOPLE, "state=invited"),
        (RECORD, "to=locked"),
    ]


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "\0"])
def test_a_view_needs_a_name(client, root, name):
    assert "was not saved" in client.get(save(client, name=name).url).text
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("page", ["", "auth", "auth.nobody", "auth.permission", "a.b.c", "user_lifecycle.userfsm"])
def test_only_lists_of_the_admin_are_saved(client, root, page):
    assert save(client, page=page).status_code in (302, 403)
    assert not SavedView.objects.exists()


def test_a_list_that_one_may_not_see_is_not_saved(client):
    client.force_login(administrator("sofia", "view_user"))

    assert save(client, page=RECORD).status_code == 403
    assert save(client).status_code == 302


def test_own_views_are_seen_by_nobody_else_and_shared_ones_by_all_who_may_see_the_list(client, root):
    save(client, name="Own")
    save(client, name="Shared", shared="on")
    save(client, name="Record", page=RECORD, query="", shared="on")

    client.force_login(administrator("sofia", "view_user"))
    page = client.get(VIEWS).text

    assert "Shared" in page
    assert "shared by <bdi>root</bdi>" in page
    assert "<bdi>Own</bdi>" not in page
    assert "<bdi>Record</bdi>" not in page
    assert "<bdi>Shared</bdi>" in client.get("/admin/auth/user/").text


def test_an_email_of_a_view_is_ordered_and_ended(client, root):
    save(client)
    view = SavedView.objects.get()
    url = f"{VIEWS}{view.pk}/mail/"

    client.post(url, {f"{view.pk}-every": "week"})
    assert SavedViewMail.objects.get().every == "week"
    client.post(url, {f"{view.pk}-every": "never"})
    client.post(url, {f"{view.pk}-every": "day"})
    assert SavedViewMail.objects.get().every == "day"
    assert "selected" in client.get(VIEWS).text
    client.post(url, {f"{view.pk}-every": ""})
    assert not SavedViewMail.objects.exists()


def test_nobody_orders_or_deletes_what_others_keep_for_themselves(client, root):
    save(client)
    view = SavedView.objects.get()
    client.force_login(administrator("sofia", "view_user"))

    assert client.post(f"{VIEWS}{view.pk}/mail/", {f"{view.pk}-every": "day"}).status_code == 404
    assert client.post(f"{VIEWS}{view.pk}/delete/").status_code == 404
    assert SavedView.objects.exists()


def test_a_shared_view_is_deleted_by_its_owner_alone(client, root):
    save(client, shared="on")
    view = SavedView.objects.get()
    client.force_login(administrator("sofia", "view_user"))
    assert client.post(f"{VIEWS}{view.pk}/delete/").status_code == 404

    client.force_login(root)
    client.post(f"{VIEWS}{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_opening_an_address_changes_nothing(client, root):
    save(client)
    pk = SavedView.objects.get().pk

    for path in (reverse(SAVE), f"{VIEWS}{pk}/mail/", f"{VIEWS}{pk}/delete/"):
        assert client.get(path).status_code == 405


def test_people_who_are_no_administrators_have_no_views(client):
    client.force_login(make_user("ada"))

    assert client.get(VIEWS).status_code == 302
    assert save(client).status_code == 302
    assert not SavedView.objects.exists()


def test_a_view_goes_with_its_owner(client, root):
    other = make_superuser("other")
    SavedView.objects.create(owner=other, name="Theirs", page=PEOPLE, query="")

    other.delete()
    assert not SavedView.objects.exists()


def test_a_view_of_a_list_that_is_gone_is_not_shown(client, root):
    SavedView.objects.create(owner=root, name="Gone", page="gone.model", query="")

    assert "Gone" not in client.get(VIEWS).text

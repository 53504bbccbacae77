"""Every path asks for the operation's own permission, whatever is sent."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from tests.factories import make_superuser, make_user, shortest_path
from tests.staff import LIST, act, button_url, confirm, make_staff, press
from tests.truth import truth
from users.models import UserFSM
from users.operations.registry import ALL
from users.states import State

pytestmark = pytest.mark.django_db

TRANSITIONS = sorted({each.name for each in UserFSM.transitions()})
OPERATIONS = sorted(ALL)
SOURCES = {each.name: State(str(each.source)) for each in UserFSM.transitions()}


def all_permissions_but(*lacking):
    names = Permission.objects.filter(content_type__app_label="user_lifecycle").values_list("codename", flat=True)
    return [name for name in names if f"user_lifecycle.{name}" not in lacking]


def person_for(name):
    return make_user("person", state=SOURCES.get(name, State.INVITED), email="person@example.com")


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("send", [act, press, lambda *args: confirm(*args, expected=1)], ids=["action", "url", "page"])
def test_staff_with_change_but_without_the_operations_own_permission_get_403(client, name, send):
    staff = make_staff("staff", *all_permissions_but(*ALL[name].permissions))
    person = person_for(name)
    before = truth(person)
    client.force_login(staff)

    assert send(client, name, person).status_code == 403
    assert truth(person) == before


@pytest.mark.parametrize("name", TRANSITIONS)
def test_the_transitions_own_permission_is_enough(client, name):
    client.force_login(make_staff("staff", f"{name}_userfsm"))
    by_button = make_user("one", state=SOURCES[name])
    by_action = make_user("two", state=SOURCES[name])

    press(client, name, by_button)
    confirm(client, name, by_action, expected=1)

    for person in (by_button, by_action):
        assert len(truth(person).records) == len(shortest_path(SOURCES[name])) + 1


def test_a_permission_on_states_without_one_to_see_users_opens_nothing(client):
    staff = make_staff("staff", "lock_userfsm")
    staff.user_permissions.set(Permission.objects.filter(codename="lock_userfsm"))
    person = make_user("person")
    client.force_login(staff)

    assert act(client, "lock", person).status_code == 403
    assert press(client, "lock", person).status_code == 403
    assert truth(person).state == State.ACTIVE


def test_a_person_who_is_not_staff_is_sent_to_the_login(client):
    person = make_user("person")
    for user in (None, make_user("nobody")):
        if user:
            client.force_login(user)
        for response in (act(client, "lock", person), press(client, "lock", person)):
            assert response.status_code == 302
            assert "/login/" in response["Location"]
    assert truth(person).state == State.ACTIVE


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_an_operation_is_only_ever_posted(client, method):
    person = make_user("person")
    client.force_login(make_superuser())

    assert getattr(client, method)(button_url("lock", person)).status_code == 405
    assert truth(person).state == State.ACTIVE


def test_a_list_that_is_only_looked_at_acts_on_nobody(client):
    person = make_user("person")
    client.force_login(make_superuser())

    client.get(reverse(LIST), {"action": "lock", "_selected_action": person.pk, "confirmed": "1", "own_words": "x"})

    assert truth(person).state == State.ACTIVE


def test_nothing_is_done_without_the_token_against_forged_requests():
    person, client = make_user("person"), Client(enforce_csrf_checks=True)
    client.force_login(make_superuser())

    assert press(client, "lock", person).status_code == 403
    assert confirm(client, "lock", person, expected=1).status_code == 403
    assert truth(person).state == State.ACTIVE


@pytest.mark.parametrize("name", ["explode", "__init__", "save", "delete", "lock_", "x" * 10_000, "%00", "锁定"])
def test_a_name_that_is_no_operation_is_refused(client, name):
    person = make_user("person")
    client.force_login(make_superuser())
    url = button_url("lock", person).replace("/lock/", f"/{name}/")

    assert client.post(url, {"own_words": "x"}).status_code in {400, 404}
    assert act(client, name, person).status_code == 400
    assert truth(person).version == 1


@pytest.mark.parametrize("key", ["", "0", "abc", "9" * 30, "-1", "\0", "é" * 5_000])
def test_a_key_that_is_nobodys_is_refused(client, key):
    client.force_login(make_superuser())

    response = client.post(reverse(LIST), {"action": "lock", "_selected_action": [key], "select_across": "0"})
    assert response.status_code in {200, 302, 400}
    for keyed in (key or "_", "a/b"):
        url = reverse("admin:auth_user_operation", args=("KEY", "lock")).replace("KEY", keyed)
        assert client.post(url, {"own_words": "x"}).status_code in {400, 404}


@pytest.mark.parametrize("name", ["lock", "nonsense"])
def test_a_popup_offers_no_actions(client, name):
    person = make_user("person")
    client.force_login(make_superuser())

    assert act(client, name, person, url=f"{reverse(LIST)}?_popup=1").status_code in {400, 403}
    assert truth(person).state == State.ACTIVE


def test_only_what_is_permitted_is_offered_in_the_list_and_on_the_page(client):
    staff = make_staff("staff", "lock_userfsm", "reactivate_userfsm")
    person = make_user("person")
    client.force_login(staff)

    actions = dict(client.get(reverse(LIST)).context["action_form"].fields["action"].choices)
    offers = client.get(reverse("admin:auth_user_change", args=(person.pk,))).context["account"].offers

    assert set(actions) & set(ALL) == {"lock", "reactivate"}
    assert [offer.operation.name for offer in offers] == ["lock"]


def test_on_ones_own_page_nothing_is_offered_that_would_shut_oneself(client):
    admin = make_superuser()
    client.force_login(admin)

    assert client.get(reverse("admin:auth_user_change", args=(admin.pk,))).context["account"].offers == []

"""Tokens of service accounts: what they open, from where, how long, and how they end."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.api import API, Machine, make_service, make_token
from tests.factories import make_superuser, make_user
from tests.staff import make_staff
from users.api.models import ServiceToken

pytestmark = pytest.mark.django_db

VIEW, LOCK = "user_lifecycle.view_userfsm", "user_lifecycle.lock_userfsm"


def get(token, path="/users", scheme="Bearer", **extra):
    return Client().get(API + path, headers={"Authorization": f"{scheme} {token}"}, **extra)


def test_a_token_opens_what_account_and_token_both_may():
    user = make_service(VIEW, LOCK)

    assert get(make_token(user, VIEW)).status_code == 200
    assert get(make_token(user, LOCK)).status_code == 403
    assert get(make_token(make_service(LOCK, username="other"), VIEW)).status_code == 403
    assert get(make_token(make_superuser(), LOCK)).status_code == 403


def test_only_a_hash_of_the_token_is_stored():
    token = make_token(make_service(VIEW))

    assert not [
        value for value in ServiceToken.objects.values_list().get() if isinstance(value, str) and token in value
    ]


@pytest.mark.parametrize(("end", "return_"), [("lock", "unlock"), ("deactivate", "reactivate")])
def test_a_token_dies_with_its_account_for_good(end, return_):
    user = make_service(VIEW)
    token = make_token(user, VIEW)

    getattr(user.fsm, end)(by="system")
    assert get(token).status_code == 401

    getattr(user.fsm, return_)(by="system")
    assert get(token).status_code == 401
    assert get(make_token(user, VIEW)).status_code == 200


def test_a_token_expires():
    token = make_token(make_service(VIEW), VIEW, expiry=datetime(2030, 1, 1, tzinfo=UTC))

    with time_machine.travel(datetime(2029, 12, 31, 23, 59, tzinfo=UTC), tick=False):
        assert get(token).status_code == 200
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False):
        assert get(token).status_code == 401
    assert ServiceToken.objects.exists()


def test_a_revoked_token_opens_nothing():
    token = make_token(make_service(VIEW), VIEW)

    ServiceToken.objects.get().revoke()

    assert get(token).status_code == 401


@pytest.mark.parametrize(
    ("address", "status"), [("10.1.2.3", 200), ("192.0.2.7", 401), ("2001:db8::7", 200), ("", 401)]
)
def test_a_token_is_of_use_from_its_networks_alone(address, status):
    token = make_token(make_service(VIEW), VIEW, networks=["10.0.0.0/8", "2001:db8::/32"])

    assert get(token, REMOTE_ADDR=address).status_code == status


def test_the_last_use_is_noted_once_a_minute():
    token = make_token(make_service(VIEW), VIEW, expiry=datetime(2040, 1, 1, tzinfo=UTC))
    first = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)

    for moment in (first, first + timedelta(seconds=59)):
        with time_machine.travel(moment, tick=False):
            get(token)
    assert ServiceToken.objects.get().last_used_at == first
    with time_machine.travel(first + timedelta(seconds=60), tick=False):
        get(token)

    noted = ServiceToken.objects.get()
    assert (noted.last_used_at, noted.last_used_from) == (first + timedelta(seconds=60), "127.0.0.1")


@pytest.mark.parametrize("token", ["", "x", "x y", "\xe9", "x" * 10_000, "ab\x7fcd"])
def test_a_text_that_is_no_token_opens_nothing(token):
    response = get(token)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.headers["Content-Type"] == "application/problem+json"


def test_a_token_with_one_letter_changed_opens_nothing():
    token = make_token(make_service(VIEW), VIEW)

    assert get(token[:-1] + ("0" if token[-1] != "0" else "1")).status_code == 401


def test_nobody_without_a_token_or_a_session_gets_in():
    assert Client().get(f"{API}/users").status_code == 401


# In the admin

ADD = "admin:user_api_servicetoken_add"


def form(user, *permissions, **data):
    soon = timezone.now() + timedelta(days=1)
    return {
        "name": "Helpdesk",
        "user": user.pk,
        "permissions": list(permissions),
        "networks": "127.0.0.0/8\n2001:db8::/32",
        "expiry_0": f"{soon:%Y-%m-%d}",
        "expiry_1": "12:00:00",
        **data,
    }


def test_an_administrator_makes_a_token_and_sees_it_once(client, admin):
    service = make_service(VIEW)

    response = client.post(reverse(ADD), form(service, VIEW))

    (message,) = [str(each) for each in get_messages(response.wsgi_request) if "token is" in str(each)]
    token = message.split()[3]
    assert get(token).status_code == 200
    made = ServiceToken.objects.get()
    assert (made.name, made.created_by, made.permissions) == ("Helpdesk", "admin", [VIEW])
    assert made.networks == ["127.0.0.0/8", "2001:db8::/32"]
    client.get("/admin/")  # which shows the messages
    page = client.get(reverse("admin:user_api_servicetoken_change", args=(made.pk,)))
    assert page.status_code == 200
    assert token not in page.content.decode()


def test_nobody_hands_over_a_permission_that_they_do_not_have(client):
    staff = make_staff("staff", "add_servicetoken", "view_servicetoken", "view_userfsm")
    client.force_login(staff)
    service = make_service(VIEW)

    assert client.post(reverse(ADD), form(service, LOCK)).status_code == 200
    assert not ServiceToken.objects.exists()
    client.post(reverse(ADD), form(service, VIEW))
    assert ServiceToken.objects.get().permissions == [VIEW]


def test_nobody_makes_a_token_of_an_account_that_may_do_more(client):
    staff = make_staff("staff", "add_servicetoken", "view_servicetoken", "view_userfsm")
    client.force_login(staff)

    for user in (make_superuser(), make_service(VIEW, LOCK)):
        assert client.post(reverse(ADD), form(user, VIEW)).status_code == 200
    assert not ServiceToken.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        {"networks": "10.0.0.0/99"},
        {"networks": "10.0.0.0/8\nx"},
        {"networks": "[]"},
        {"expiry_0": "2001-01-01"},
        {"expiry_0": ""},
        {"name": ""},
        {"permissions": ["auth.add_group"]},
    ],
)
def test_a_form_that_makes_no_sense_makes_no_token(client, admin, data):
    assert client.post(reverse(ADD), form(make_service(VIEW), VIEW, **data)).status_code == 200
    assert not ServiceToken.objects.exists()


def test_a_token_is_made_for_an_active_account_alone(client, admin):
    locked = make_user("locked")
    locked.fsm.lock(by="system")

    assert client.post(reverse(ADD), form(locked, VIEW)).status_code == 200
    assert not ServiceToken.objects.exists()


def test_tokens_are_revoked_by_those_who_may(client):
    machine = Machine(VIEW)
    data = {"action": "revoke", "_selected_action": [ServiceToken.objects.get().pk]}
    client.force_login(make_staff("reader", "view_servicetoken"))
    client.post(reverse("admin:user_api_servicetoken_changelist"), data)
    assert machine.get("/users").status_code == 200

    client.force_login(make_staff("keeper", "view_servicetoken", "delete_servicetoken"))
    client.post(reverse("admin:user_api_servicetoken_changelist"), data)

    assert machine.get("/users").status_code == 401
    assert ServiceToken.objects.get().revoked_at is not None

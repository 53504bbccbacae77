"""Administrators end one session of a person, with a reason, and leave the others alone."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from tests.factories import make_user
from tests.staff import make_staff
from users.models import LoginSession

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"


@pytest.fixture
def person():
    return make_user("person", password=PASSWORD)


@pytest.fixture
def stolen(person):
    """A browser in which the person is logged in."""
    return logged_in(person, "192.0.2.7")


@pytest.fixture
def at_home(person):
    return logged_in(person, "192.0.2.8")


def logged_in(user, address):
    client = Client(REMOTE_ADDR=address, HTTP_USER_AGENT=CHROME)
    client.post(reverse("user_lifecycle:login"), {"username": user.username, "password": PASSWORD})
    return client


def session_of(address):
    return LoginSession.objects.get(ip_address=address)


def url(user, key):
    return f"/admin/auth/user/{user.pk}/sessions/{key}/"


def still_in(client):
    return client.get(reverse("user_lifecycle:account")).status_code == 200


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_one_session_ends_and_the_others_go_on(client, admin, person, stolen, at_home):
    response = client.post(url(person, session_of("192.0.2.7").pk), {"common": "A device was lost"})

    assert response.url == reverse("admin:auth_user_change", args=[person.pk])
    assert said(response) == ["The session has been ended."]
    assert not still_in(stolen)
    assert still_in(at_home)
    (entry,) = LogEntry.objects.all()
    assert entry.user == admin
    assert entry.object_id == str(person.pk)
    text = "Ended the session from 192.0.2.7 (Chrome on Linux): A device was lost"
    assert entry.get_change_message() == text


def test_the_page_offers_it_for_each_session_with_the_browser_in_words(client, admin, person, stolen, at_home):
    page = client.get(reverse("admin:auth_user_change", args=[person.pk])).content.decode()

    for address in ("192.0.2.7", "192.0.2.8"):
        assert f'action="{url(person, session_of(address).pk)}"' in page
        assert f"End the session from {address}" in page
    assert page.count("<summary>Chrome on Linux</summary>") == 2


@pytest.mark.parametrize("given", [{}, {"own_words": " "}, {"own_words": "a\0b"}, {"common": "made up"}])
def test_without_a_reason_it_is_asked_for_on_a_page_of_its_own(client, admin, person, stolen, given):
    response = client.post(url(person, session_of("192.0.2.7").pk), given)

    assert response.status_code == 200
    assert response.context["form"].errors
    assert "192.0.2.7" in response.content.decode()
    assert still_in(stolen)


@pytest.mark.parametrize("permissions", [(), ("view_loginsession",), ("lock_userfsm", "invite_userfsm")])
def test_it_needs_the_permission_to_end_sessions(client, person, stolen, permissions):
    client.force_login(make_staff("staff", *permissions))

    assert client.post(url(person, session_of("192.0.2.7").pk), {"own_words": "because"}).status_code == 403
    assert still_in(stolen)
    page = client.get(reverse("admin:auth_user_change", args=[person.pk])).content.decode()
    assert "/sessions/" not in page


def test_it_needs_permission_to_see_people(client, person, stolen):
    staff = make_staff("staff", "delete_loginsession")
    staff.user_permissions.set(staff.user_permissions.filter(codename="delete_loginsession"))
    client.force_login(staff)

    assert client.post(url(person, session_of("192.0.2.7").pk), {"own_words": "because"}).status_code == 403
    assert Client().post(url(person, 1)).status_code == 302
    assert still_in(stolen)


def test_a_session_ends_by_post_only(client, admin, person, stolen):
    assert client.get(url(person, session_of("192.0.2.7").pk)).status_code == 405
    assert still_in(stolen)


def test_the_session_of_another_person_is_none_of_this_one(client, admin, person, stolen):
    other = make_user("other")

    response = client.post(url(other, session_of("192.0.2.7").pk), {"own_words": "because"})

    assert said(response) == ["This session has already ended."]
    assert still_in(stolen)


@pytest.mark.parametrize("key", [0, 10**30])
def test_a_session_that_is_none_has_ended(client, admin, person, key):
    assert said(client.post(url(person, key), {"own_words": "because"})) == ["This session has already ended."]


def test_ones_own_session_is_not_ended_here(client, admin):
    own = LoginSession.objects.get(user=admin)

    assert client.post(url(admin, own.pk), {"own_words": "because"}).status_code == 403
    assert "/sessions/" not in client.get(reverse("admin:auth_user_change", args=[admin.pk])).content.decode()


def test_a_person_who_does_not_exist_has_none(client, admin):
    assert client.post("/admin/auth/user/999999/sessions/1/").status_code == 404

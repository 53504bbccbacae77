"""Errors are pages of this project, and say nothing of what went wrong inside."""

import pytest
from django.db import OperationalError
from django.templatetags.static import static
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from project import standby
from tests.factories import make_user
from users import sessions

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client):
    person = make_user("ada")
    client.force_login(person)
    return person


def test_an_address_that_leads_nowhere(client, person):
    page = client.get("/nothing/here/")

    assert page.status_code == 404
    assert "There is no page at this address" in page.text
    assert "Log out" in page.text


def test_what_is_not_allowed(client, person):
    person.is_staff = True
    person.save()

    page = client.get(reverse("admin:user_audit_dashboard_changelist"))

    assert page.status_code == 403
    assert "ask an administrator" in page.text


def test_what_cannot_be_understood(client):
    page = client.get("/accounts/login/?next=%00")

    assert page.status_code == 400
    assert "could not understand the request" in page.text
    assert "NUL" not in page.text


@pytest.mark.parametrize(("wanted", "said"), [("zh-hans", "zh-hans"), ("en", "en"), ("xx", "en")])
def test_what_cannot_be_understood_is_said_in_the_language_of_who_asks(client, wanted, said):
    for left_behind in ("zh-hans", "en"):
        translation.activate(left_behind)  # by an earlier visitor, in the same thread
        page = client.get("/accounts/login/?next=%00", headers={"Accept-Language": wanted})
        assert f'<html lang="{said}">' in page.text


def test_an_error_of_the_server_says_nothing_of_what_failed(client, person, monkeypatch):
    def fail(*args):
        raise RuntimeError("a secret of the code")

    monkeypatch.setattr(sessions, "shown", fail)
    failing = Client(raise_request_exception=False)
    failing.cookies = client.cookies

    page = failing.get(reverse("user_lifecycle:account"))

    assert page.status_code == 500
    assert "Something went wrong" in page.text
    assert "secret" not in page.text


def test_the_page_of_a_servers_error_leans_on_nothing_that_may_have_failed(django_assert_num_queries, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(standby, "static", fail)
    monkeypatch.setattr("django.urls.reverse", fail)

    with django_assert_num_queries(0):
        page = standby.server_error(RequestFactory().get("/"))

    assert page.status_code == 500
    assert "Something went wrong" in page.content.decode()
    assert "stylesheet" not in page.content.decode()


def test_the_page_of_a_servers_error_wears_the_sites_clothes_and_leads_to_the_start():
    page = standby.server_error(RequestFactory().get("/"))

    assert f'href="{static("user_lifecycle/pages.css")}"' in page.content.decode()
    assert '<a href="/">Go to the start page</a>' in page.content.decode()


def test_a_site_that_is_read_only_says_so_in_the_same_way():
    class Refused(OperationalError):
        sqlstate = standby.READ_ONLY

    try:
        raise Refused
    except OperationalError:
        page = standby.server_error(RequestFactory().get("/"))

    assert page.status_code == 503
    assert page["Retry-After"] == str(standby.RETRY_AFTER)
    assert "Nothing was changed" in page.content.decode()
    assert f'href="{static("user_lifecycle/pages.css")}"' in page.content.decode()

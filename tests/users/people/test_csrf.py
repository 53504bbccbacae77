"""A form that is not accepted is explained in words, with the way back to its page."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.factories import make_superuser, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "a long password"
SITE = "http://testserver"


@pytest.fixture
def browser():
    """A browser that is asked for the token, as real ones are."""
    return Client(enforce_csrf_checks=True)


def sent_too_late(browser, address, *, came_from="", **data):
    """Send a form whose token belongs to an earlier session."""
    browser.get(reverse("user_lifecycle:login"))  # which sets the cookie
    headers = {"Referer": came_from} if came_from else {}
    return browser.post(address, {"csrfmiddlewaretoken": "x" * 64, **data}, headers=headers)


def test_a_page_that_was_open_too_long_says_so_and_leads_back_to_itself(browser):
    browser.force_login(make_user("ada"))
    form = reverse("user_lifecycle:password_change")

    page = sent_too_late(browser, form, came_from=SITE + form)

    assert page.status_code == 403
    assert "This page was open too long, or you logged in or out in another tab." in page.text
    assert f'href="{SITE}{form}"' in page.text
    assert "Log out" in page.text
    assert "no-store" in page["Cache-Control"]


def test_the_admin_says_it_in_the_same_way(browser):
    browser.force_login(make_superuser())
    form = reverse("admin:auth_user_add")

    page = sent_too_late(browser, form, came_from=SITE + form, username="ada")

    assert page.status_code == 403
    assert "This page was open too long" in page.text
    assert f'href="{SITE}{form}"' in page.text
    assert not User.objects.filter(username="ada").exists()


def test_without_knowing_where_the_form_was_it_leads_to_the_address_that_was_asked_for(browser):
    page = sent_too_late(browser, "/accounts/login/?next=/accounts/leave/")

    assert 'href="/accounts/login/?next=/accounts/leave/"' in page.text


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "http://[", "javascript:alert(1)"])
def test_it_leads_to_no_other_site(browser, elsewhere):
    page = sent_too_late(browser, reverse("user_lifecycle:login"), came_from=elsewhere)

    assert page.status_code == 403
    assert "evil" not in page.text
    assert "javascript:" not in page.text
    assert 'href="/accounts/login/"' in page.text


@pytest.mark.parametrize("name", ["user_lifecycle:login", "admin:login"])
def test_a_person_who_logged_in_in_another_tab_is_not_asked_to_log_in_again(browser, name):
    browser.force_login(make_user("ada"))

    page = sent_too_late(browser, reverse(name), came_from=SITE + reverse(name))

    assert f'class="button" href="{reverse("home")}"' in page.text


def test_a_browser_without_cookies_is_told_that_it_needs_them(browser):
    page = browser.post(reverse("user_lifecycle:login"), {"username": "ada", "password": PASSWORD})

    assert page.status_code == 403
    assert "sent no cookie with this form" in page.text


def test_it_is_said_in_the_language_of_who_asks(browser):
    browser.cookies["django_language"] = "zh-hans"

    assert '<html lang="zh-hans">' in sent_too_late(browser, reverse("user_lifecycle:login")).text


def test_the_reason_stands_in_the_log_and_not_on_the_page(browser, settings, caplog):
    settings.DEBUG = True

    assert "CSRF token" not in sent_too_late(browser, reverse("user_lifecycle:login")).text

    assert "CSRF token from POST incorrect" in caplog.text

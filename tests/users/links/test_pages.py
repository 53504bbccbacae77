"""Our pages are found by names of their own, in projects that have some of them, none, or others of the same names."""

import sys
from types import ModuleType

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path, reverse, set_script_prefix

from users.links import pages
from users.people import account, password_reset, unlock

TOKEN = {"unlock", "accept_invitation"}


def theirs(request, **kwargs):
    return HttpResponse("theirs")


THEIRS = [
    *(path(f"mine/{name}/", theirs, name=name) for name in ("home", "account", "leave", "login", "own_history")),
    *(path(f"mine/{name}/<token>/", theirs, name=name) for name in sorted(TOKEN)),
]
OURS = [path("accounts/", include("audit.urls")), path("accounts/", include("users.urls"))]


@pytest.fixture
def urls(settings, monkeypatch):
    def use(*patterns):
        module = ModuleType("urls_of_a_test")
        module.urlpatterns = list(patterns)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        settings.ROOT_URLCONF = module.__name__

    return use


@pytest.mark.parametrize("patterns", [[*THEIRS, *OURS], [*OURS, *THEIRS]], ids=["theirs first", "ours first"])
def test_pages_of_the_project_keep_their_names(urls, patterns):
    urls(*patterns)

    for name in ("home", "account", "leave", "login", "own_history"):
        assert reverse(name) == f"/mine/{name}/"
    for name in TOKEN:
        assert reverse(name, args=["x"]) == f"/mine/{name}/x/"


@pytest.mark.parametrize("patterns", [[*THEIRS, *OURS], [*OURS, *THEIRS]], ids=["theirs first", "ours first"])
def test_links_in_emails_lead_to_our_pages(urls, patterns, settings):
    settings.USERS_SITE_URL = "https://accounts.example.com"
    urls(*patterns)

    assert pages.link("unlock", "x") == "https://accounts.example.com/accounts/unlock/x/"
    assert pages.link("accept_invitation", "x") == "https://accounts.example.com/accounts/invitation/x/"


def test_a_page_of_the_project_is_never_taken_for_ours(urls):
    urls(*THEIRS)

    assert pages.address("account") == ""
    assert pages.link("unlock", "x") == ""


def test_a_project_can_take_some_of_our_pages(urls, db):
    own = [
        path("me/", account.account, name="account"),
        path("password/", account.PasswordChangeView.as_view(), name="password_change"),
    ]
    urls(path("", include((own, "user_lifecycle"))))
    user = User.objects.create_user("ada", "ada@example.com", "right and long")
    user.fsm.activate()
    browser = Client()
    browser.force_login(user)

    page = browser.get("/me/").text

    assert 'href="/password/"' in page
    assert "Deactivate my account" not in page
    assert "ada@example.com" in page


@pytest.mark.parametrize(
    ("view", "data"),
    [
        (password_reset.ResetView.as_view(), {"email": "nobody@example.com"}),
        (unlock.ask_anew, {"email": "nobody@example.com"}),
    ],
)
def test_a_form_whose_next_page_is_left_out_leads_to_the_login(urls, db, settings, view, data):
    settings.LOGIN_URL = "/enter/"
    urls(path("ask/", view))

    assert Client().post("/ask/", data).headers["Location"] == "/enter/"


MOUNTED = [
    ("https://a.example", "/portal"),
    ("https://a.example/portal", None),
    ("https://a.example/portal", "/portal"),
]


@pytest.mark.parametrize(("site", "forced"), MOUNTED)
@pytest.mark.parametrize("prefix", ["/portal/", "/"], ids=["in a request", "in a thread or command"])
def test_links_lead_below_the_path_of_the_site_whoever_sends_the_email(settings, site, forced, prefix):
    settings.USERS_SITE_URL, settings.FORCE_SCRIPT_NAME = site, forced
    settings.LOGIN_URL = "user_lifecycle:login"
    set_script_prefix(prefix)
    try:
        assert pages.link("unlock", "x") == "https://a.example/portal/accounts/unlock/x/"
        assert pages.in_email(pages.login()) == "https://a.example/portal/accounts/login/"
        settings.LOGIN_URL = "/portal/accounts/login/"  # Django puts nothing before it
        assert pages.in_email(pages.login()) == "https://a.example/portal/accounts/login/"
    finally:
        set_script_prefix("/")


def test_a_login_at_another_site_is_linked_as_it_is(settings):
    settings.LOGIN_URL = "https://sso.example.com/login?to=accounts"

    assert pages.in_email(pages.login()) == "https://sso.example.com/login?to=accounts"


def test_a_page_whose_address_begins_alike_is_not_taken_for_the_path(settings):
    settings.USERS_SITE_URL, settings.FORCE_SCRIPT_NAME = "https://a.example/acc", None

    assert pages.link("unlock", "x") == "https://a.example/acc/accounts/unlock/x/"

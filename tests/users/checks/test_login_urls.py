"""Which URLs take a password, whoever wrote their views."""

import sys
from functools import partial
from types import ModuleType

import pytest
from django import forms
from django.apps import apps
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib import auth as auth_module
from django.contrib.auth import aauthenticate, authenticate
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.core import checks
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import include, path, re_path
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import FormView

from users.checks import password_views
from users.links.password import tokens
from users.login.forms import LoginForm


def complaints():
    return [message for message in checks.run_checks(tags=["users"]) if message.id in ("users.E013", "users.W021")]


class SubclassOfDjangos(auth.LoginView):
    """As Wagtail's."""


class OwnForm(FormView):  # type: ignore[type-arg]
    form_class = LoginForm


class OtherForm(FormView):  # type: ignore[type-arg]
    form_class = AuthenticationForm.__base__


class Token(View):
    """Stands for Django REST framework's, which takes a password and inherits nothing that says so."""


class DerivedToken(Token):
    pass


def by_hand(request, extra=0):
    authenticate(request, username=request.POST["name"], password=request.POST["word"])


def by_module(request):
    return auth_module.authenticate(request, username="a", password="b")


class OwnLogin(forms.Form):
    password = forms.CharField()

    def clean(self):
        self.user = authenticate(**self.cleaned_data)


def by_form(request):
    return OwnLogin(request.POST)


class NestedReader(View):
    class Reader(forms.Form):
        password = forms.CharField()

    async def post(self, request):
        return await aauthenticate(request, **self.Reader(request.POST).cleaned_data)


def by_another(request):
    return by_hand(request)


def careless(view):
    """A decorator that says nothing about what it wraps."""

    def wrapper(request, *args, **kwargs):
        return view(request, *args, **kwargs)

    return wrapper


class Callable:
    """A view that is an object, as some APIs make them."""

    def __call__(self, request):
        return by_hand(request)


def by_link(request):
    authenticate(request, token=request.GET["token"])


def shows_passwords(request):
    return HttpResponse(request.POST["password"])


def of_rest_framework(view):
    """The view as Django REST framework makes it: the class is in `cls`, behind a wrapper."""
    view.cls = view.view_class
    return view


other_site = admin.AdminSite(name="other")
EVERYWHERE = {
    "login": path("login/", auth.LoginView.as_view(), name="login"),
    "wagtailadmin_login": path("cms/", SubclassOfDjangos.as_view(), name="wagtailadmin_login"),
    "account_login": path("form/", OwnForm.as_view(), name="account_login"),
    "token": path("token/", of_rest_framework(DerivedToken.as_view()), name="token"),
    "other:login": path("other/", other_site.urls),
    "api:login": path("api/", include(([path("", SubclassOfDjangos.as_view(), name="login")], "api"))),
    "by_hand": path("by-hand/", never_cache(by_hand), name="by_hand"),
    "by_module": path("by-module/", by_module, name="by_module"),
    "by_form": path("by-form/", by_form, name="by_form"),
    "nested": path("nested/", NestedReader.as_view(), name="nested"),
    "nameless/": path("nameless/", SubclassOfDjangos.as_view()),
    "deep/nameless/": path("deep/", include([path("nameless/", by_hand)])),
    "translated": i18n_patterns(path("login/", by_hand, name="translated"))[0],
    "a:b:login": path("a/", include(([path("b/", include(([path("", by_hand, name="login")], "b")))], "a"))),
    "by_another": path("by-another/", by_another, name="by_another"),
    "partial": path("partial/", partial(by_hand, extra=1), name="partial"),
    "partial_class": path("partial-class/", partial(SubclassOfDjangos.as_view()), name="partial_class"),
    "lambda": path("lambda/", lambda request: by_hand(request, extra=1), name="lambda"),
    "lambda_class": path("lambda-class/", lambda r: SubclassOfDjangos.as_view()(r, "a"), name="lambda_class"),
    "careless": path("careless/", careless(by_hand), name="careless"),
    "careless_class": re_path("^careless-class/$", careless(SubclassOfDjangos.as_view()), name="careless_class"),
    "callable": path("callable/", Callable(), name="callable"),
    "method": path("method/", Callable().__call__, name="method"),
}
HARMLESS = [
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("other-form/", OtherForm.as_view(), name="other_form"),
    path("by-link/", by_link, name="by_link"),
    path("passwords/", shows_passwords, name="passwords"),
    path("page/", lambda request: HttpResponse(), name="page"),
    path("careless-page/", careless(shows_passwords), name="careless_page"),
    path("redirect/", lambda request: redirect("login"), name="redirect"),
    path("members/", login_required(lambda request: HttpResponse()), name="members"),
    path("reset/", auth.PasswordResetView.as_view(), name="reset"),
]


@pytest.fixture
def urls(settings, monkeypatch):
    monkeypatch.setattr(password_views, "LOGIN_VIEWS", frozenset({f"{__name__}.Token"}))

    def use(*patterns):
        module = ModuleType("urls_of_a_test")
        module.urlpatterns = list(patterns)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        settings.ROOT_URLCONF = module.__name__

    return use


@pytest.mark.parametrize("name", EVERYWHERE)
def test_a_login_view_that_is_not_named_is_said_at_start(urls, settings, name):
    urls(*HARMLESS, EVERYWHERE[name])
    settings.USERS_LOGIN_URLS = []

    (complaint,) = complaints()
    assert complaint.id == "users.W021"
    assert repr(name) in complaint.msg

    settings.USERS_LOGIN_URLS = [name]
    assert complaints() == []


def test_views_that_take_no_password_are_left_alone(urls, settings):
    urls(*HARMLESS)
    settings.USERS_LOGIN_URLS = []

    assert complaints() == []


def test_a_name_that_is_no_url_is_said_at_start(urls, settings):
    urls(EVERYWHERE["login"])
    settings.USERS_LOGIN_URLS = ["login", "admin:login"]

    (complaint,) = complaints()
    assert complaint.id == "users.E013"
    assert "'admin:login'" in complaint.msg


def test_a_default_that_a_project_does_not_have_is_no_mistake(urls):
    urls(EVERYWHERE["login"])

    assert complaints() == []


def test_without_a_limit_nothing_is_said(urls, settings):
    urls(*EVERYWHERE.values())
    settings.USERS_LOGIN_URLS = ["nowhere"]
    settings.USERS_LOCKOUT_ADDRESS_LIMIT = None

    assert complaints() == []


@pytest.mark.parametrize("known", sorted(password_views.LOGIN_VIEWS))
def test_the_views_of_other_packages_are_written_as_paths(known):
    module, _, name = known.rpartition(".")
    assert module.replace(".", "").replace("_", "").isalnum()
    assert name[0].isupper()


def reset_complaints():
    return [message for message in checks.run_checks(tags=["users"]) if message.id == "users.W022"]


def reset_view(**options):
    return path("reset/<uidb64>/<token>/", auth.PasswordResetConfirmView.as_view(**options), name="reset")


def test_a_reset_link_that_outlives_its_account_is_said_at_start(urls):
    urls(reset_view())
    (complaint,) = reset_complaints()
    assert "'reset'" in complaint.msg

    urls(reset_view(token_generator=tokens))
    assert reset_complaints() == []


def test_the_links_of_allauth_are_said_at_start_too(urls, settings, monkeypatch):
    urls(path("accounts/", include("users.urls")))
    is_installed = apps.is_installed
    monkeypatch.setattr(apps, "is_installed", lambda name: name == "allauth.account" or is_installed(name))
    for generator in (None, "django.contrib.auth.tokens.PasswordResetTokenGenerator"):
        settings.ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = generator
        (complaint,) = reset_complaints()
        assert "allauth" in complaint.msg
        assert "users.links.password.PasswordTokens" in str(complaint.hint)

    settings.ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "users.links.password.PasswordTokens"
    assert reset_complaints() == []


def test_our_own_links_end(urls):
    urls(path("accounts/", include("users.urls")))
    assert reset_complaints() == []

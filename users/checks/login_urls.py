"""System checks of the URLs that the limit for addresses protects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, PasswordResetConfirmView
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.urls import URLPattern, URLResolver, get_resolver

from users.checks.values import Configs
from users.conf import conf
from users.links.password import PasswordTokens

LOGIN_VIEWS = frozenset(
    {
        "allauth.account.views.LoginView",
        "allauth.headless.account.views.LoginView",
        "dj_rest_auth.views.LoginView",
        "djoser.views.TokenCreateView",
        "drf_registration.api.login.LoginView",
        "knox.views.LoginView",
        "oauth2_provider.views.base.TokenView",
        "rest_framework.authtoken.views.ObtainAuthToken",
        "rest_framework_simplejwt.views.TokenObtainPairView",
        "rest_framework_simplejwt.views.TokenObtainSlidingView",
        "two_factor.views.core.LoginView",
    }
)
"""Views of other packages that accept passwords without inheriting from a known class."""


def check_login_urls(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E013`: `USERS_LOGIN_URLS` must be a list of names of existing URLs."""
    value = conf.login_urls
    if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) for each in value):
        hint = "Use a list of names of URLs such as ['user_lifecycle:login', 'admin:login']."
        return [Error(f"USERS_LOGIN_URLS is {value!r}", hint=hint, id="users.E013")]
    if not hasattr(settings, "USERS_LOGIN_URLS") or conf.lockout_address_limit is None:
        return []  # a default that the project does not have is harmless
    named = {name for name, _ in _views()}
    hint = "Use the name of the URL, with its namespace, as in 'admin:login'."
    return [
        Error(f"USERS_LOGIN_URLS names {name!r}, which is not a URL", hint=hint, id="users.E013")
        for name in value
        if name not in named
    ]


def check_login_views_are_named(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.W021`: every view that accepts passwords should be in `USERS_LOGIN_URLS`."""
    if conf.lockout_address_limit is None or not isinstance(conf.login_urls, (list, tuple)):
        return []
    hint = "Add its name to USERS_LOGIN_URLS; give the URL a name where it has none."
    return [
        checks.Warning(f"The URL {name!r} takes a password and is not in USERS_LOGIN_URLS", hint=hint, id="users.W021")
        for name, view in _views()
        if name not in conf.login_urls and _takes_a_password(view)
    ]


def check_reset_links_end(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.W022`: links that set a password should end when the account is locked or deactivated."""
    hint = "Use users.people.password_reset.ConfirmView, or token_generator=users.links.password.tokens, in both views."
    return [
        checks.Warning(
            f"The links of the URL {name!r} set passwords of closed accounts too",
            hint=hint,
            id="users.W022",
        )
        for name, view in _views()
        if _resets_passwords(view) and not isinstance(_option(view, "token_generator"), PasswordTokens)
    ]


def _resets_passwords(view: Any) -> bool:
    cls = getattr(view, "view_class", None)
    return isinstance(cls, type) and issubclass(cls, PasswordResetConfirmView)


def _option(view: Any, name: str) -> Any:
    return view.view_initkwargs.get(name, getattr(view.view_class, name))


def _views() -> Iterator[tuple[str, Any]]:
    """Yield every view with the full name of its URL, or with the pattern if it has no name."""
    return _views_of(get_resolver().url_patterns, ())


def _views_of(patterns: Any, namespaces: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for each in patterns:
        if isinstance(each, URLResolver):
            inner = (*namespaces, each.namespace) if each.namespace else namespaces
            yield from _views_of(each.url_patterns, inner)
        elif isinstance(each, URLPattern):
            yield ":".join((*namespaces, each.name or str(each.pattern))), each.callback


def _takes_a_password(view: Any) -> bool:
    # Decorators such as `never_cache` keep the wrapped method, whose owner is the site.
    innermost = view
    while hasattr(innermost, "__wrapped__"):
        innermost = innermost.__wrapped__
    for method in (view, innermost):
        if isinstance(getattr(method, "__self__", None), AdminSite) and method.__name__ == "login":
            return True
    cls = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if not isinstance(cls, type):
        return False
    form = getattr(cls, "form_class", None) or getattr(cls, "authentication_form", None)
    return (
        issubclass(cls, LoginView)
        or (isinstance(form, type) and issubclass(form, AuthenticationForm))
        or not LOGIN_VIEWS.isdisjoint(f"{base.__module__}.{base.__qualname__}" for base in cls.__mro__)
    )


ALL = (check_login_urls, check_login_views_are_named, check_reset_links_end)

"""System checks of the URLs that the limit for addresses protects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.views import PasswordResetConfirmView
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.module_loading import import_string

from users.checks.password_views import takes_a_password
from users.checks.values import Configs
from users.conf import conf
from users.links.password import PasswordTokens

OF_ALLAUTH = "ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR"
"""The setting of django-allauth that names the class of the tokens in its links."""


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
        if name not in conf.login_urls and takes_a_password(view)
    ]


def check_reset_links_end(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.W022`: links that set a password should end when the account is locked or deactivated."""
    hint = "Use users.people.password_reset.ConfirmView, or token_generator=users.links.password.tokens, in both views."
    messages: list[CheckMessage] = [
        checks.Warning(
            f"The links of the URL {name!r} set passwords of closed accounts too",
            hint=hint,
            id="users.W022",
        )
        for name, view in _views()
        if _resets_passwords(view) and not isinstance(_option(view, "token_generator"), PasswordTokens)
    ]
    if apps.is_installed("allauth.account") and not _allauth_has_our_tokens():
        hint = f"Set {OF_ALLAUTH} = 'users.links.password.PasswordTokens'."
        text = "The links of django-allauth set passwords of closed accounts too"
        messages.append(checks.Warning(text, hint=hint, id="users.W022"))
    return messages


def _allauth_has_our_tokens() -> bool:
    path = getattr(settings, OF_ALLAUTH, None)
    generator = import_string(path) if path else None
    return isinstance(generator, type) and issubclass(generator, PasswordTokens)


def _resets_passwords(view: Any) -> bool:
    cls = getattr(view, "view_class", None)
    return isinstance(cls, type) and issubclass(cls, PasswordResetConfirmView)


def _option(view: Any, name: str) -> Any:
    return view.view_initkwargs.get(name, getattr(view.view_class, name))


def _views() -> Iterator[tuple[str, Any]]:
    """Yield every view with the full name of its URL, or with its whole path if it has no name."""
    return _views_of(get_resolver().url_patterns, (), "")


def _views_of(patterns: Any, namespaces: tuple[str, ...], before: str) -> Iterator[tuple[str, Any]]:
    for each in patterns:
        # As `ResolverMatch.route`, with which the middleware compares it.
        route = before + (str(each.pattern).removeprefix("^") if before else str(each.pattern))
        if isinstance(each, URLResolver):
            inner = (*namespaces, each.namespace) if each.namespace else namespaces
            yield from _views_of(each.url_patterns, inner, route)
        elif isinstance(each, URLPattern):
            yield ":".join((*namespaces, each.name)) if each.name else route, each.callback


ALL = (check_login_urls, check_login_views_are_named, check_reset_links_end)

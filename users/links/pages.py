"""
Addresses of our pages. A project may have left out some or all of them.

The only place that knows the namespace of our URLs. A page of the project that has one of the names without the
namespace is never taken for ours.
"""

from __future__ import annotations

from typing import Any

from django.conf import global_settings, settings
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, reverse

from users.conf import conf

NAMESPACE = "user_lifecycle"


def address(name: str, *args: Any) -> str:
    """The address of one of our pages; empty where the project does not have it."""
    try:
        return reverse(f"{NAMESPACE}:{name}", args=args)
    except NoReverseMatch:
        return ""


def login() -> str:
    """Return the URL of the login page (`LOGIN_URL`), or an empty text if there is none."""
    try:
        return resolve_url(settings.LOGIN_URL)
    except NoReverseMatch:
        return ""


def after(name: str = "") -> str:
    """Where a browser goes next: to this page of ours, or the login page, or the root of the site."""
    return (address(name) if name else "") or login() or "/"


def after_login() -> str:
    """Return the URL to which people come after a login: the project's own, else their account page, else `/`."""
    own = address("account")
    if own and settings.LOGIN_REDIRECT_URL == global_settings.LOGIN_REDIRECT_URL:
        return own  # Django's default names a page that hardly any project has
    try:
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    except NoReverseMatch:
        return own or "/"


def link(name: str, *args: Any) -> str:
    """The address of one of our pages for a mail, which begins with `USERS_SITE_URL`; empty where there is no page."""
    path = address(name, *args)
    return conf.site_url + path if path else ""

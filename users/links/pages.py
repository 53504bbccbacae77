"""
Addresses of our pages. A project may have left out some or all of them.

Only this module knows the namespace of our URLs. It never takes a page of the project with the same name for ours.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import global_settings, settings
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, get_script_prefix, reverse

from users.conf import conf

NAMESPACE = "user_lifecycle"


def address(name: str, *args: Any) -> str:
    """Return the address of one of our pages; it is empty if the project does not have the page."""
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
    """
    Return the address to which a browser goes next: this page of ours, or else the login page, or else the root of the
    site.
    """
    return (address(name) if name else "") or login() or "/"


def after_login() -> str:
    """Return the URL to which a login leads: the project's own, or else the account page, or else `/`."""
    own = address("account")
    if own and settings.LOGIN_REDIRECT_URL == global_settings.LOGIN_REDIRECT_URL:
        return own  # Django's default names a page that hardly any project has
    try:
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    except NoReverseMatch:
        return own or "/"


def link(name: str, *args: Any) -> str:
    """
    Return the address of one of our pages for an email. It begins with `USERS_SITE_URL`; it is empty if there is no
    page.
    """
    path = address(name, *args)
    return in_email(path) if path else ""


def in_email(address: str) -> str:
    """
    Return this address for an email. It begins with `USERS_SITE_URL`, unless it is one of another site.

    A site may be mounted below a path. The request knows that path, but a thread or a command that sends emails does
    not. So it is `USERS_SITE_URL` or Django's `FORCE_SCRIPT_NAME` that says it.
    """
    if urlsplit(address).netloc:
        return address
    site = urlsplit(conf.site_url)
    below = site.path or (settings.FORCE_SCRIPT_NAME or "").rstrip("/")
    for path in filter(None, (get_script_prefix().rstrip("/"), below)):
        if address.startswith(f"{path}/"):
            address = address.removeprefix(path)
            break
    return f"{site.scheme}://{site.netloc}{below}{address}"

"""System checks of the project: its database, middleware, admin, and the pages that emails link to."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.admin.sites import all_sites
from django.contrib.auth import get_user_model
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router

from users.checks.values import Configs, position_of
from users.links import pages
from users.middleware import AddressLimitMiddleware, LoginSessionMiddleware
from users.models import UserFSM
from users.routers import deciding_models

VENDORS = ("postgresql", "sqlite")

BEFORE_LOGIN = ("audit.middleware.RequestContextMiddleware", "django.contrib.sessions.middleware.SessionMiddleware")
"""The middleware that must stand before `LoginSessionMiddleware`: it needs the request and the session."""

PAGES_OF_LINKS = {"unlock": ["token"], "accept_invitation": ["token"], "password_reset_confirm": ["key", "token"]}
"""The names of the pages that links in emails lead to, with arguments for their URLs."""


def check_database_vendor(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E041`: accounts must be on PostgreSQL or SQLite; no other database has the triggers for the rules."""
    alias = router.db_for_write(UserFSM)
    vendor = _vendor(alias)
    if vendor in VENDORS:
        return []
    hint = "Use PostgreSQL or SQLite for this database."
    return [Error(f"The vendor of the database {alias!r} is {vendor!r}", hint=hint, id="users.E041")]


def check_driver(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E051`: on PostgreSQL the driver must be psycopg 3, whose `COPY` and pipelines are used."""
    alias = router.db_for_write(UserFSM)
    driver = getattr(connections[alias], "Database", None) if _vendor(alias) == "postgresql" else None
    if getattr(driver, "__name__", "") != "psycopg2":
        return []
    hint = "Install psycopg, as in `pip install 'psycopg[binary]'`. Django prefers it where both are installed."
    return [Error(f"The driver of the database {alias!r} is psycopg2", hint=hint, id="users.E051")]


def check_accounts_are_written_together(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E043`: users, states, permissions and queued emails must be in one database; sessions need not be."""
    home = router.db_for_write(UserFSM)
    models = [model for model in deciding_models() if model._meta.app_label != "sessions"]
    if apps.is_installed("post_office"):  # users.E030 reports it
        models.append(apps.get_model("post_office", "Email"))
    away = sorted(model._meta.label for model in models if router.db_for_write(model) != home)
    if not away:
        return []
    hint = f"Let DATABASE_ROUTERS send these models to {home!r} too."
    message = f"Account states are written to {home!r}, but not these models: {', '.join(away)}"
    return [Error(message, hint=hint, id="users.E043")]


def check_middleware_is_in_order(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E042`: `LoginSessionMiddleware` must come after the session, and before the limit for addresses."""
    at = position_of(LoginSessionMiddleware)
    if at is None:
        return []  # users.E010 reports it
    late = [path for path in BEFORE_LOGIN if path in settings.MIDDLEWARE[at:]]
    hint = "Put it before 'users.middleware.LoginSessionMiddleware' in MIDDLEWARE."
    messages: list[CheckMessage] = [
        Error(f"{path!r} comes after LoginSessionMiddleware", hint=hint, id="users.E042") for path in late
    ]
    limit = position_of(AddressLimitMiddleware)
    if limit is not None and limit < at:
        hint = "Put it after 'users.middleware.LoginSessionMiddleware' in MIDDLEWARE."
        messages.append(Error("AddressLimitMiddleware comes before LoginSessionMiddleware", hint=hint, id="users.E042"))
    return messages


def check_admin_of_users_has_the_mixin(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.W024`: a `ModelAdmin` of the user model should show the states and offer the transitions."""
    if not apps.is_installed("django.contrib.admin"):
        return []
    user_model = get_user_model()
    hint = "Put the mixin first, as in `class MyUserAdmin(RecordedUserAdmin, UserAdmin)`, from audit.admin."
    return [
        checks.Warning(
            f"{site.get_model_admin(user_model)} shows no states and offers no transitions", hint=hint, id="users.W024"
        )
        for site in all_sites
        if site.is_registered(user_model) and not hasattr(site.get_model_admin(user_model), "account_state")
    ]


def check_pages_of_links(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.W025`: the pages that links in emails lead to should exist."""
    missing = [name for name, words in PAGES_OF_LINKS.items() if not pages.address(name, *words)]
    if not missing:
        return []
    hint = "Include 'users.urls', or URLs of your own with app_name = 'user_lifecycle' and these names."
    return [checks.Warning(f"Emails cannot link to these pages: {', '.join(missing)}", hint=hint, id="users.W025")]


def _vendor(alias: str) -> str:
    try:
        return str(connections[alias].vendor)
    except ImproperlyConfigured:  # its driver is not installed
        return str(connections.settings[alias]["ENGINE"]).rpartition(".")[2]


ALL = (
    check_database_vendor,
    check_driver,
    check_accounts_are_written_together,
    check_middleware_is_in_order,
    check_admin_of_users_has_the_mixin,
    check_pages_of_links,
)

"""Packages that would answer from a cache that no transition empties are named."""

import pytest
from django.apps import apps

from users.checks import caches

ALL = {"timeout": 900, "ops": "all"}
OFF = dict.fromkeys(("auth.user", "user_lifecycle.*", "user_audit.*", "django_fsm_log.*"))


@pytest.fixture
def installed(monkeypatch):
    """Lets a package seem to be installed."""
    names: set[str] = set()
    is_installed = apps.is_installed
    monkeypatch.setattr(apps, "is_installed", lambda name: name in names or is_installed(name))
    return names


@pytest.mark.parametrize(
    ("profiles", "defaults"),
    [
        ({"auth.user": {"timeout": 900, "ops": "get"}}, {}),
        ({"AUTH.User": {"timeout": 900, "ops": {"fetch"}}}, {}),
        ({"auth.*": ALL}, {}),
        ({"*.*": ALL}, {}),
        ({"*.*": {"timeout": 900}}, {"ops": "get"}),
    ],
)
def test_cacheops_with_a_profile_for_users_is_an_error(installed, settings, profiles, defaults):
    installed.add("cacheops")
    settings.CACHEOPS, settings.CACHEOPS_DEFAULTS = profiles, defaults

    (message,) = caches.check_accounts_are_not_cached(None)

    assert message.id == "users.E052"
    assert "auth.user" in message.msg
    assert "CACHEOPS" in str(message.hint)


def test_states_and_records_are_named_too(installed, settings):
    installed.add("cacheops")
    settings.CACHEOPS = {"*.*": ALL, "auth.user": None}

    (message,) = caches.check_accounts_are_not_cached(None)

    for pattern in ("user_lifecycle.*", "user_audit.*", "django_fsm_log.*"):
        assert pattern in message.msg
    assert "auth.user" not in message.msg


@pytest.mark.parametrize(
    "profiles",
    [{}, {"*.*": {"timeout": 900}}, {"*.*": ALL, **OFF}, {"blog.*": ALL}, {"auth.permission": ALL}],
    ids=str,
)
def test_cacheops_that_leaves_accounts_out_is_fine(installed, settings, profiles):
    installed.add("cacheops")
    settings.CACHEOPS = profiles

    assert caches.check_accounts_are_not_cached(None) == []


def test_cacheops_that_is_off_or_not_installed_is_fine(installed, settings):
    settings.CACHEOPS = {"*.*": ALL}
    assert caches.check_accounts_are_not_cached(None) == []

    installed.add("cacheops")
    settings.CACHEOPS_ENABLED = False
    assert caches.check_accounts_are_not_cached(None) == []


@pytest.mark.parametrize("others", [{}, {"ONLY_CACHABLE_APPS": ["auth"]}, {"ONLY_CACHABLE_TABLES": ["auth_user"]}])
def test_cachalot_that_does_not_look_at_sql_is_an_error(installed, settings, others):
    installed.add("cachalot")
    settings.CACHALOT_INVALIDATE_RAW = False
    for name, value in others.items():
        setattr(settings, f"CACHALOT_{name}", value)

    (message,) = caches.check_accounts_are_not_cached(None)

    assert message.id == "users.E052"
    assert "auth.user" in message.msg
    assert "CACHALOT_INVALIDATE_RAW" in str(message.hint)


@pytest.mark.parametrize(
    "others",
    [
        {"INVALIDATE_RAW": True},
        {"ENABLED": False},
        {"ONLY_CACHABLE_APPS": ["blog"]},
        {"UNCACHABLE_TABLES": ["auth_user"], "UNCACHABLE_APPS": ["user_lifecycle", "user_audit", "django_fsm_log"]},
    ],
    ids=str,
)
def test_cachalot_that_looks_or_leaves_accounts_out_is_fine(installed, settings, others):
    installed.add("cachalot")
    settings.CACHALOT_INVALIDATE_RAW = False
    for name, value in others.items():
        setattr(settings, f"CACHALOT_{name}", value)

    assert caches.check_accounts_are_not_cached(None) == []

from datetime import timedelta

import pytest
from django.core import checks
from django.test import override_settings

import users.middleware
from users.conf import conf
from users.middleware import AddressLimitMiddleware

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def complaints():
    return {message.id for message in checks.run_checks(tags=["users"])}


@pytest.mark.parametrize(
    ("check", "nonsense", "sense"),
    [
        ("users.E003", {"LOCKOUT_FAILURE_LIMIT": 0}, {"LOCKOUT_FAILURE_LIMIT": 1}),
        ("users.E003", {"LOCKOUT_FAILURE_LIMIT": "5"}, {"LOCKOUT_FAILURE_LIMIT": 5}),
        ("users.E003", {"LOCKOUT_FAILURE_LIMIT": True}, {}),
        ("users.E004", {"LOCKOUT_WINDOW": timedelta()}, {"LOCKOUT_WINDOW": None}),
        ("users.E004", {"LOCKOUT_DURATION": 1800}, {"LOCKOUT_DURATION": timedelta(seconds=1800)}),
        ("users.E004", {"LOCKOUT_DURATION": None}, {}),
        ("users.E004", {"UNLOCK_LINK_LIFETIME": -DAY}, {"UNLOCK_LINK_LIFETIME": DAY}),
        ("users.E004", {"DEVICE_LIFETIME": 3600}, {"DEVICE_LIFETIME": HOUR}),
        ("users.E007", {"LOCKOUT_PRESET": "PCI"}, {"LOCKOUT_PRESET": "pci"}),
        ("users.E007", {"LOCKOUT_PRESET": ""}, {"LOCKOUT_PRESET": "nist"}),
        ("users.E008", {"LOCKOUT_ESCALATION": [DAY, HOUR]}, {"LOCKOUT_ESCALATION": [HOUR, DAY]}),
        ("users.E008", {"LOCKOUT_ESCALATION": [timedelta(minutes=1)]}, {"LOCKOUT_ESCALATION": []}),
        ("users.E008", {"LOCKOUT_ESCALATION": HOUR}, {"LOCKOUT_ESCALATION": (HOUR, HOUR)}),
        ("users.E008", {"LOCKOUT_ESCALATION": [3600]}, {}),
        ("users.E003", {"LOCKOUT_ADDRESS_LIMIT": 0}, {"LOCKOUT_ADDRESS_LIMIT": None}),
        ("users.E004", {"LOCKOUT_ADDRESS_WINDOW": 900}, {"LOCKOUT_ADDRESS_WINDOW": HOUR}),
        ("users.E011", {"LOCKOUT_TRUSTED_NETWORKS": ["10.0.0.1/8"]}, {"LOCKOUT_TRUSTED_NETWORKS": ["10.0.0.0/8"]}),
        ("users.E011", {"LOCKOUT_TRUSTED_NETWORKS": "10.0.0.0/8"}, {"LOCKOUT_TRUSTED_NETWORKS": ["2001:db8::/32"]}),
        ("users.E007", {"LOCKOUT_PRESET": ["pci"]}, {"LOCKOUT_PRESET": None}),
        ("users.E003", {"LOCKOUT_PRESET": "pci", "LOCKOUT_FAILURE_LIMIT": None}, {"LOCKOUT_PRESET": "pci"}),
        ("users.E004", {"LOCKOUT_PRESET": "pci", "LOCKOUT_DURATION": 1800}, {"LOCKOUT_PRESET": "pci"}),
        ("users.E003", {"RESET_MAIL_LIMIT": 0}, {"RESET_MAIL_LIMIT": 1}),
        ("users.E003", {"RESET_ADDRESS_LIMIT": None}, {"RESET_ADDRESS_LIMIT": 5}),
        ("users.E013", {"LOGIN_URLS": "login"}, {"LOGIN_URLS": ["user_lifecycle:login"]}),
        ("users.E013", {"LOGIN_URLS": None}, {"LOGIN_URLS": ()}),
        ("users.E013", {"LOGIN_URLS": ["login", "admin:logon"]}, {"LOGIN_URLS": ["user_lifecycle:login"]}),
        ("users.E050", {"DEVICE_COOKIE": "a device"}, {"DEVICE_COOKIE": "__Host-device"}),
        ("users.E050", {"DEVICE_COOKIE": "sessionid"}, {"DEVICE_COOKIE": "device"}),
        ("users.E050", {"DEVICE_COOKIE": None}, {}),
        ("users.E021", {"BACKENDS_WITHOUT_PASSWORDS": None}, {"BACKENDS_WITHOUT_PASSWORDS": ()}),
        ("users.E021", {"BACKENDS_WITHOUT_PASSWORDS": "a.b.C"}, {"BACKENDS_WITHOUT_PASSWORDS": ["a.b.C"]}),
        ("users.E022", {"LOGIN_FIELDS": "email"}, {"LOGIN_FIELDS": ["email"]}),
        ("users.E022", {"LOGIN_FIELDS": ["username", "mail"]}, {"LOGIN_FIELDS": ["username", "email"]}),
        ("users.E022", {"LOGIN_FIELDS": ["groups"]}, {"LOGIN_FIELDS": ["id"]}),
        ("users.E022", {"LOGIN_FIELDS": ["fsm"]}, {"LOGIN_FIELDS": ["first_name"]}),
        ("users.E022", {"LOGIN_FIELDS": ["password"]}, {"LOGIN_FIELDS": []}),
        ("users.E022", {"LOGIN_FIELDS": [["email"]]}, {}),
        (
            "users.W003",
            {"LOCKOUT_PRESET": "pci", "LOCKOUT_FAILURE_LIMIT": 11},
            {"LOCKOUT_PRESET": "pci", "LOCKOUT_FAILURE_LIMIT": 6},
        ),
        (
            "users.W003",
            {"LOCKOUT_PRESET": "pci", "LOCKOUT_DURATION": timedelta(minutes=29)},
            {"LOCKOUT_PRESET": "pci", "LOCKOUT_DURATION": timedelta(minutes=31)},
        ),
        (
            "users.W003",
            {"LOCKOUT_PRESET": "nist", "LOCKOUT_FAILURE_LIMIT": 101},
            {"LOCKOUT_PRESET": "nist", "LOCKOUT_DURATION": timedelta(seconds=30)},
        ),
        (
            "users.W003",
            {"LOCKOUT_PRESET": "nist", "LOCKOUT_ESCALATION": [timedelta(hours=4)]},
            {"LOCKOUT_PRESET": "nist", "LOCKOUT_ESCALATION": [HOUR]},
        ),
        (
            "users.W003",
            {"LOCKOUT_PRESET": "nist", "LOCKOUT_WINDOW": HOUR},
            {"LOCKOUT_PRESET": "nist", "LOCKOUT_WINDOW": None},
        ),
        ("users.W003", {"LOCKOUT_PRESET": "pci", "LOCKOUT_WINDOW": HOUR}, {"LOCKOUT_WINDOW": HOUR}),
    ],
    ids=str,
)
def test_values_that_make_no_sense_are_said_at_start(check, nonsense, sense):
    with override_settings(**{f"USERS_{name}": value for name, value in nonsense.items()}):
        assert check in complaints()

    with override_settings(**{f"USERS_{name}": value for name, value in sense.items()}):
        assert check not in complaints()


@pytest.mark.parametrize(
    ("preset", "limit", "window", "duration"),
    [
        (None, 5, timedelta(minutes=15), timedelta(minutes=30)),
        ("pci", 10, None, timedelta(minutes=30)),
        ("nist", 100, None, HOUR),
    ],
)
def test_a_preset_gives_the_values_that_are_not_set(settings, preset, limit, window, duration):
    settings.USERS_LOCKOUT_PRESET = preset
    assert (conf.lockout_failure_limit, conf.lockout_window, conf.lockout_duration) == (limit, window, duration)

    settings.USERS_LOCKOUT_FAILURE_LIMIT = 3
    assert (conf.lockout_failure_limit, conf.lockout_window) == (3, window)


def test_by_the_preset_of_nist_nobody_waits_longer_than_an_hour(settings):
    settings.USERS_LOCKOUT_PRESET = "nist"

    assert max([conf.lockout_duration, *conf.lockout_escalation]) == HOUR


class OurAddressLimitMiddleware(AddressLimitMiddleware):
    """A project's own."""


def test_a_subclass_of_the_middleware_asks_for_the_limit_too(settings, monkeypatch):
    monkeypatch.setattr(users.middleware, "OurAddressLimitMiddleware", OurAddressLimitMiddleware, raising=False)
    settings.MIDDLEWARE = ["users.middleware.OurAddressLimitMiddleware"]

    assert "users.W005" not in complaints()


def test_a_limit_for_addresses_that_nobody_asks_is_said_at_start(settings):
    assert "users.W005" not in complaints()

    settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if not path.endswith("AddressLimitMiddleware")]
    assert "users.W005" in complaints()

    settings.USERS_LOCKOUT_ADDRESS_LIMIT = None
    assert "users.W005" not in complaints()

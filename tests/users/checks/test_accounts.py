"""Each system check of `users` complains about nonsense, is silent about sense, and says what to do."""

from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.core import checks
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models
from django.test.utils import isolate_apps

OURS = "users.backends.StateBackend"
DJANGOS = "django.contrib.auth.backends.ModelBackend"


def complaints():
    messages = [message for message in checks.run_checks(tags=["users"]) if (message.id or "").startswith("users.")]
    assert all(message.hint for message in messages)
    return {message.id for message in messages}


@pytest.mark.parametrize(
    ("check", "name", "nonsense", "sense"),
    [
        ("users.E002", "USERS_INITIAL_STATE", "locked", "active"),
        ("users.E002", "USERS_INITIAL_STATE", "", "invited"),
        ("users.E002", "USERS_INITIAL_STATE", None, "invited"),
        ("users.E048", "USERS_IS_ACTIVE_WRITES", "deny", "refuse"),
        ("users.E048", "USERS_IS_ACTIVE_WRITES", None, "ignore"),
        ("users.E048", "USERS_IS_ACTIVE_WRITES", [], "transition"),
        ("users.E049", "USERS_PIPELINE", "off", False),
        ("users.E049", "USERS_PIPELINE", None, True),
        ("users.E049", "USERS_SHARED_MAILBOXES", "no", True),
        ("users.E049", "USERS_TELL_SUPERUSER_LOCKOUTS", 0, False),
        ("users.E003", "USERS_BULK_BATCH_SIZE", 0, 1),
        ("users.E003", "USERS_BULK_BATCH_SIZE", "1000", 1000),
        ("users.E005", "USERS_TRUSTED_PROXIES", -1, 0),
        ("users.E005", "USERS_TRUSTED_PROXIES", True, 1),
        ("users.E005", "USERS_TRUSTED_PROXIES", None, 2),
        ("users.E005", "USERS_TRUSTED_PROXIES", "10.0.0.0/8", ["10.0.0.0/8"]),
        ("users.E005", "USERS_TRUSTED_PROXIES", ["10.0.0.1/8"], ["10.0.0.1", "2001:db8::/32"]),
        ("users.E005", "USERS_TRUSTED_PROXIES", ["proxy.example.com"], []),
        ("users.E006", "USERS_SITE_URL", "accounts.example.com", "https://accounts.example.com"),
        ("users.W001", "AUTHENTICATION_BACKENDS", [DJANGOS], [DJANGOS, OURS]),
        ("users.W001", "AUTHENTICATION_BACKENDS", [], [OURS]),
    ],
)
def test_a_setting_that_makes_no_sense_is_said(settings, check, name, nonsense, sense):
    setattr(settings, name, nonsense)
    assert check in complaints()

    setattr(settings, name, sense)
    assert check not in complaints()


def test_a_user_model_without_is_active_is_said():
    assert "users.E001" not in complaints()

    with mock.patch.object(User._meta, "get_field", side_effect=FieldDoesNotExist):
        assert "users.E001" in complaints()


def make_model(name, *bases, **fields):
    return type(
        name, bases, {"__module__": __name__, "Meta": type("Meta", (), {"app_label": "user_lifecycle"}), **fields}
    )


@isolate_apps("users")
def test_a_user_model_that_inherits_is_active_under_another_key_is_said(monkeypatch):
    person = make_model("Person", models.Model, is_active=models.BooleanField())
    thing = make_model("Thing", models.Model, number=models.AutoField(primary_key=True))
    key_of_thing, key_of_person = make_model("First", thing, person), make_model("Second", person, thing)

    monkeypatch.setattr("users.checks.accounts.get_user_model", lambda: key_of_thing)
    assert "users.E001" in complaints()

    monkeypatch.setattr("users.checks.accounts.get_user_model", lambda: key_of_person)
    assert "users.E001" not in complaints()


@pytest.mark.parametrize(
    ("of_model", "said"),
    [
        (models.BooleanField(default=True), False),
        (models.BooleanField(null=True), False),
        (models.CharField(max_length=1), True),
        (models.SmallIntegerField(), True),
        (
            models.GeneratedField(
                expression=models.Value(value=True), output_field=models.BooleanField(), db_persist=True
            ),
            True,
        ),
    ],
    ids=["Boolean", "or unknown", "text", "number", "generated"],
)
@isolate_apps("users")
def test_an_is_active_that_is_no_boolean_of_its_own_is_said(monkeypatch, of_model, said):
    person = make_model("Person", models.Model, is_active=of_model)

    monkeypatch.setattr("users.checks.accounts.get_user_model", lambda: person)

    assert ("users.E001" in complaints()) is said


def test_names_that_are_a_relation_are_named(monkeypatch):
    assert "users.W028" not in complaints()

    with monkeypatch.context() as there:
        there.setattr(User, "USERNAME_FIELD", "groups")
        assert "users.W028" in complaints()


def test_sqlite_without_the_write_lock_at_begin_is_said(monkeypatch):
    assert "users.W002" not in complaints()

    monkeypatch.setattr(connection, "vendor", "sqlite")
    for mode in ("DEFERRED", None):
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"transaction_mode": mode})
        assert "users.W002" in complaints()
    for mode in ("immediate", "EXCLUSIVE"):
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"transaction_mode": mode})
        assert "users.W002" not in complaints()

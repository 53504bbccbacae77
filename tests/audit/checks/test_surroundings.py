"""Each system check of `audit` about the record's context and place complains about nonsense and says what to do."""

import pytest
from django.core import checks, mail

OURS = "audit.middleware.RequestContextMiddleware"


class RecordsElsewhere:
    """A router that puts the record into a database of its own."""

    def db_for_write(self, model, **hints):
        return "records" if model._meta.app_label == "user_audit" else "default"


class StateLogElsewhere:
    """A router that puts `StateLog` into a database of its own."""

    def db_for_write(self, model, **hints):
        return "logs" if model._meta.app_label == "django_fsm_log" else "default"


class EverythingElsewhere:
    """A router that keeps the accounts and their record together."""

    def db_for_write(self, model, **hints):
        return "accounts"


def complaints():
    messages = [
        message
        for message in checks.run_checks(tags=["audit"], databases=[])
        if (message.id or "").startswith("audit.")
    ]
    assert all(message.hint for message in messages)
    return {message.id for message in messages}


@pytest.mark.parametrize(
    ("check", "name", "nonsense", "sense"),
    [
        ("audit.W001", "MIDDLEWARE", ["crequest.middleware.CrequestMiddleware"], [OURS]),
        ("audit.W001", "MIDDLEWARE", [], ["django.middleware.common.CommonMiddleware", OURS]),
        ("audit.E001", "DATABASE_ROUTERS", [RecordsElsewhere()], []),
        ("audit.E001", "DATABASE_ROUTERS", [StateLogElsewhere()], [EverythingElsewhere()]),
        (
            "audit.E002",
            "DJANGO_FSM_LOG_STORAGE_METHOD",
            "django_fsm_log.backends.SimpleBackend",
            "audit.statelog.UnitOfWorkBackend",
        ),
    ],
)
def test_settings_that_leave_the_record_without_its_context_or_place_are_named(settings, check, name, nonsense, sense):
    setattr(settings, name, nonsense)
    assert check in complaints()

    setattr(settings, name, sense)
    assert check not in complaints()


def test_records_that_anybody_can_delete_are_said_outside_of_tests(settings, monkeypatch):
    settings.AUDIT_RECORDS_DELETABLE = True
    assert "audit.W002" not in complaints()

    monkeypatch.delattr(mail, "outbox")  # by which Django's own test runner is known
    assert "audit.W002" in complaints()

    settings.AUDIT_RECORDS_DELETABLE = False
    assert "audit.W002" not in complaints()

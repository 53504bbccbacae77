from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command

from audit import triggers
from audit.checks.surroundings import check_records_are_kept, check_triggers_are_installed


def ids(messages):
    return [message.id for message in messages]


@pytest.fixture
def outside_tests(monkeypatch):
    monkeypatch.delattr(mail, "outbox")


def test_records_that_anybody_may_delete_are_complained_of_outside_tests(settings, outside_tests):
    settings.AUDIT_RECORDS_DELETABLE = True

    (message,) = check_records_are_kept(None)

    assert message.id == "audit.W002"
    assert message.hint


def test_records_may_be_deletable_in_tests(settings):
    settings.AUDIT_RECORDS_DELETABLE = True

    assert check_records_are_kept(None) == []


def test_records_that_are_kept_are_fine(settings, outside_tests):
    settings.AUDIT_RECORDS_DELETABLE = False

    assert check_records_are_kept(None) == []


@pytest.mark.django_db
def test_missing_triggers_are_named_when_the_database_is_checked():
    triggers.remove("default")

    (message,) = check_triggers_are_installed(None, databases=["default"])

    assert message.id == "audit.W003"
    assert message.hint
    assert "audit_rule_" in message.msg


@pytest.mark.django_db
def test_triggers_that_are_there_are_fine():
    assert check_triggers_are_installed(None, databases=["default"]) == []


@pytest.mark.django_db
def test_the_database_is_looked_at_only_where_it_is_named():
    triggers.remove("default")
    said = StringIO()

    call_command("check", stderr=said)
    assert "audit.W003" not in said.getvalue()

    call_command("check", databases=["default"], stderr=said)
    assert "audit.W003" in said.getvalue()
    assert check_triggers_are_installed(None, databases=None) == []


@pytest.mark.django_db
def test_a_kind_of_database_without_triggers_is_complained_of(monkeypatch):
    monkeypatch.setattr(triggers, "VENDORS", {})

    assert ids(check_triggers_are_installed(None, databases=["default"])) == ["audit.W004"]

import pytest
from django.contrib.auth.models import Group
from django.core import checks

pytestmark = pytest.mark.django_db


def complaints():
    found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    return [message for message in found if message.id == "users.W023"]


@pytest.mark.parametrize("name", ["USERS_PROTECTED_GROUP", "USERS_NEVER_DORMANT_GROUP"])
def test_a_group_that_does_not_exist_is_said(settings, name):
    Group.objects.create(name="board")
    setattr(settings, name, "bored")

    (complaint,) = complaints()
    assert name in complaint.msg
    assert "'bored'" in complaint.msg

    setattr(settings, name, "board")
    assert complaints() == []


def test_without_a_setting_nothing_is_said():
    assert complaints() == []


def test_before_there_are_tables_nothing_is_said(settings, monkeypatch):
    settings.USERS_PROTECTED_GROUP = "board"
    monkeypatch.setattr(Group._meta, "db_table", "a_table_of_later")

    assert complaints() == []

import pytest
from django.contrib.auth.models import User
from django.core import checks

from tests.factories import make_user
from users.checks import mailboxes

pytestmark = pytest.mark.django_db


def complaints():
    found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    return [message for message in found if message.id == "users.W026"]


def test_mailboxes_of_several_accounts_are_counted(settings):
    for name, address in (("ada", "ada@example.com"), ("bob", "ADA@example.com"), ("eve", "eve@example.com")):
        make_user(name, email=address)

    (complaint,) = complaints()
    assert complaint.msg == "1 mailboxes on 'default' have several accounts"
    assert "USERS_SHARED_MAILBOXES" in str(complaint.hint)

    settings.USERS_SHARED_MAILBOXES = True
    assert complaints() == []


def test_accounts_without_an_address_share_nothing():
    make_user("ada", email="")
    make_user("bob", email="")

    assert complaints() == []


def test_before_there_are_tables_nothing_is_said(monkeypatch):
    monkeypatch.setattr(User._meta, "db_table", "a_table_of_later")

    assert mailboxes.check_mailboxes_have_one_owner(None, databases=["default"]) == []

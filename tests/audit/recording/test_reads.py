"""Who reads the record is recorded as well."""

import pytest
from django.urls import reverse

from audit.models import RecordRead, UserStateAudit
from tests.factories import make_superuser, make_user

EXPORT = "admin:user_audit_userstateaudit_export"
LIST = "admin:user_audit_userstateaudit_changelist"


def kept():
    return list(RecordRead.objects.order_by("pk").values_list("what", "query", "rows", "initiated_by", "ip_address"))


@pytest.fixture
def root(client, db):
    root = make_superuser("root")
    client.force_login(root)
    return root


def test_an_export_is_noted_with_its_filters_and_the_number_of_records(client, root):
    make_user("ada")

    b"".join(client.get(reverse(EXPORT), {"q": "ada"}, REMOTE_ADDR="192.0.2.1").streaming_content)

    assert kept() == [("export", "q=ada", UserStateAudit.objects.filter(username="ada").count(), "root", "192.0.2.1")]


def test_an_export_that_is_broken_off_is_noted_without_a_number(client, root):
    make_user("ada")

    next(iter(client.get(reverse(EXPORT)).streaming_content))

    assert [(what, rows) for what, _, rows, *_ in kept()] == [("export", None)]


def test_pages_are_noted_where_the_setting_says_so(client, root, settings):
    client.get(reverse(LIST))
    assert kept() == []

    settings.AUDIT_LOG_READS = "all"
    client.get(reverse(LIST), {"to": "active"})

    assert kept() == [("list", "to=active", 1, "root", "127.0.0.1")]


def test_nobody_changes_what_is_noted(client, root, settings):
    settings.AUDIT_LOG_READS = "all"
    client.get(reverse(LIST))
    key = RecordRead.objects.get().pk

    assert client.post(reverse("admin:user_audit_recordread_delete", args=(key,)), {"post": "yes"}).status_code == 403

"""Pages of the record read from a standby only if it says up to when it has everything; otherwise from the primary."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, ProgrammingError, connection, connections
from django.template.response import TemplateResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import replica
from audit.integrity.kept import place
from audit.models import RecordRead, UserStateAudit
from tests.factories import make_superuser
from tests.servers.standby import ALIAS, standby


@pytest.fixture
def says(settings, monkeypatch):
    """Makes the database that is named as the replica, which is the default one here, say this of itself."""

    def say(**facts):
        settings.AUDIT_REPLICA = "default"
        answer = place.Place(timezone.now(), "db2:5432", "accounts", **facts)
        monkeypatch.setattr("audit.replica.here", lambda alias: answer)

    return say


@pytest.mark.django_db
def test_a_standby_is_read_and_says_as_of_when(says):
    moment = timezone.now()
    says(is_standby=True, replayed=moment)

    assert replica.place() == replica.Place("default", moment)


@pytest.mark.django_db
@pytest.mark.parametrize("is_standby", [True, False])
def test_what_cannot_say_so_is_not_read(says, monkeypatch, is_standby, caplog):
    says(is_standby=is_standby)
    monkeypatch.setattr("audit.replica.router.db_for_write", lambda model: "primary")

    assert replica.place() == replica.Place("primary")
    assert "no standby that replays" in caplog.text


@pytest.mark.django_db
def test_a_standby_without_a_migration_is_not_read(says, monkeypatch, caplog):
    says(is_standby=True, replayed=timezone.now())

    def fail(alias):
        raise ProgrammingError("column signature does not exist")

    monkeypatch.setattr("audit.replica._refuse_other_tables", fail)
    monkeypatch.setattr("audit.replica.connections", {"default": connection.copy()})

    assert replica.place().as_of is None
    assert "cannot be read" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_pages_go_on_after_the_standby_has_taken_over(client, settings):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no standbys")
    client.force_login(make_superuser("admin"))
    settings.AUDIT_REPLICA = ALIAS
    with standby() as server:
        make_superuser("later")
        server.catch_up()
        assert replica.place().using == ALIAS
        server.disconnect()
        server.promote()

        assert replica.place() == replica.Place("default")
        make_superuser("latest")
        assert "latest" in client.get(reverse("admin:user_audit_userstateaudit_changelist")).text


@pytest.fixture
def auditor(client, db):
    client.force_login(make_superuser("auditor"))
    return client


@pytest.mark.parametrize("page", ["changelist", "change"])
def test_a_page_that_is_made_again_from_the_primary_is_one_reading(auditor, says, settings, monkeypatch, page):
    says(is_standby=True, replayed=timezone.now())
    settings.AUDIT_LOG_READS = "all"
    arguments = [UserStateAudit.objects.latest("pk").pk] if page == "change" else []
    render, failures = TemplateResponse.render, [OperationalError("canceling statement")]

    def fail_at_first(self):
        if failures:
            raise failures.pop()
        return render(self)

    monkeypatch.setattr(TemplateResponse, "render", fail_at_first)

    assert auditor.get(reverse(f"admin:user_audit_userstateaudit_{page}", args=arguments)).status_code == 200
    assert not failures
    assert RecordRead.objects.count() == 1


def test_a_page_that_nobody_saw_is_no_reading(auditor, says, settings, monkeypatch):
    says(is_standby=True, replayed=timezone.now())
    settings.AUDIT_LOG_READS = "all"

    def fail(self):
        raise ValueError("a mistake in a template")

    monkeypatch.setattr(TemplateResponse, "render", fail)

    with pytest.raises(ValueError, match="a mistake"):
        auditor.get(reverse("admin:user_audit_userstateaudit_changelist"))
    assert not RecordRead.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        "/admin/user_audit/userstateaudit/",
        "/admin/user_audit/userstateaudit/{record}/change/",
        "/admin/user_audit/dashboard/",
        "/api/v1/records",
        "/api/v1/users/{user}/records",
        "/api/v1/refusals",
    ],
)
def test_a_page_comes_from_one_place_which_is_asked_before_its_rows(auditor, says, monkeypatch, path):
    says(is_standby=True, replayed=timezone.now())
    asked = []

    def moving(alias):
        asked.append(timezone.now())
        return place.Place(timezone.now(), "db2:5432", "accounts", is_standby=True, replayed=asked[-1])

    monkeypatch.setattr("audit.replica.here", moving)
    record = UserStateAudit.objects.latest("pk")
    with CaptureQueriesContext(connection) as queries:
        page = auditor.get(path.format(record=record.pk, user=record.user_id))

    assert (page.status_code, len(asked)) == (200, 1)
    assert queries


def test_a_download_and_a_permanent_link_name_the_moment_of_the_replica(auditor, says):
    says(is_standby=True, replayed=datetime(2026, 2, 3, 9, 53, 20, tzinfo=UTC))

    page = auditor.get(reverse("admin:user_audit_userstateaudit_changelist"))
    download = auditor.get(reverse("admin:user_audit_userstateaudit_export"))

    assert "until=2026-02-03T09%3A53%3A20" in page.text
    assert 'filename="changes-of-state-2026-02-03-095320.csv"' in download["Content-Disposition"]


def cancel(execute, sql, params, many, context):
    """As a standby does where its replay would have to wait for a query."""
    if "FROM" in sql and "user_audit_" in sql:
        raise OperationalError("canceling statement") from psycopg.errors.SerializationFailure()
    return execute(sql, params, many, context)


@pytest.mark.django_db(transaction=True)
def test_what_a_standby_cancels_is_read_from_the_primary_or_said(client, settings, tmp_path, caplog, verify):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no standbys")
    client.force_login(make_superuser("admin"))
    record = UserStateAudit.objects.latest("pk")
    settings.AUDIT_REPLICA = ALIAS
    pages = {
        reverse("admin:user_audit_userstateaudit_changelist"): "admin",
        reverse("admin:user_audit_userstateaudit_change", args=[record.pk]): "admin",
        reverse("admin:user_audit_dashboard_changelist"): "Dashboard",
        "/api/v1/records": '"as_of":null',
    }
    with standby() as server:
        make_superuser("later")
        server.catch_up()
        assert replica.place().using == ALIAS
        with connections[ALIAS].execute_wrapper(cancel):
            for url, text in pages.items():
                caplog.clear()
                page = client.get(url)
                assert (page.status_code, text in page.text) == (200, True), url
                assert "the replica failed" in caplog.text
            with pytest.raises(CommandError, match="not complete: canceling statement"):
                call_command("audit_export", form="ocsf", database=ALIAS, file=tmp_path / "export")
            assert not (tmp_path / "export").exists()
            outcome = verify(database=ALIAS)
        assert (outcome.exit_code, outcome.findings) == (2, [])
        assert "canceling statement" in outcome.error

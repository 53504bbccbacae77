"""Pages of the record read from a standby only if it says up to when it has everything; otherwise from the primary."""

import pytest
from django.db import ProgrammingError, connection
from django.urls import reverse
from django.utils import timezone

from audit import replica
from audit.integrity.kept import place
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

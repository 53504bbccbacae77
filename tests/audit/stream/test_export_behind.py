"""An export from a replica never claims to have what the replica has not replayed yet."""

from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from audit.models import UserStateAudit
from tests.factories import make_user
from tests.servers.standby import ALIAS, standby

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no standbys"),
]


@pytest.fixture
def server(transactional_db):
    with standby() as running:
        make_user("earlier")  # so that it has replayed something, and knows of when it is
        running.catch_up()
        yield running


@pytest.fixture
def behind(server):
    """The standby, which replays nothing until it is told to; a change after `behind` is not there."""
    server.stop_replaying()
    yield server
    server.replay()


@pytest.fixture
def export(tmp_path, capsys):
    """Exports from the standby; returns how many events the file has, and what was said."""

    def run(**options):
        file = tmp_path / "export"
        call_command("audit_export", database=ALIAS, file=file, **options)
        found = len(file.read_text().splitlines())
        file.unlink()
        return found, capsys.readouterr().err

    return run


def test_a_period_whose_end_the_replica_has_not_reached_is_refused_and_leaves_no_file(behind, tmp_path):
    make_user()
    file = tmp_path / "export"

    with pytest.raises(CommandError, match="the replica has not reached") as raised:
        call_command("audit_export", database=ALIAS, file=file, until=timezone.now().isoformat(), wait=0.5)

    assert "not be complete" in str(raised.value)
    assert not file.exists()


def test_it_waits_for_a_replica_that_comes_to_the_end_in_time(behind, export):
    make_user()
    end = timezone.now()
    behind.replay()

    found, said = export(until=end.isoformat())

    assert found == UserStateAudit.objects.count()
    assert "a replica, has everything up to" in said


def test_a_period_that_the_replica_has_is_exported_although_it_is_behind(server, export):
    make_user()
    end = timezone.now() + timedelta(milliseconds=1)
    make_user("a later change, so that the replica knows")
    server.stop_replaying()
    try:
        make_user("last")
        assert export(until=end.isoformat(), wait=0)[0] == 4
    finally:
        server.replay()


def test_without_an_end_it_says_up_to_when_it_has_everything(behind, export):
    before = timezone.now()
    make_user()

    found, said = export()

    assert found == 2
    assert datetime.fromisoformat(said.split("up to ")[1].split()[0]) <= before


def test_where_nobody_writes_the_primary_says_that_nothing_is_missing(server, export):
    make_user()
    server.catch_up()

    assert export(until=timezone.now().isoformat())[0] == UserStateAudit.objects.count()


def test_without_the_primary_the_word_of_the_replica_counts(behind, export, monkeypatch):
    monkeypatch.setattr("audit.integrity.kept.place._position_of", lambda primary: "")

    with pytest.raises(CommandError, match="the replica has not reached"):
        export(until=timezone.now().isoformat(), wait=0.3)
    assert connections[ALIAS].is_usable()

"""On PostgreSQL a lower key can show behind a higher one: checkpoints wait for it."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from threading import Event

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from audit.integrity.kept import settled
from audit.models import AuditCheckpoint, UserStateAudit
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def only_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")


def slow_transition(user, written, may_commit):
    try:
        with transaction.atomic():
            user.fsm.lock(by="slow")
            written.set()
            may_commit.wait(30)
    finally:
        connection.close()


def checkpoint(**options):
    out = StringIO()
    try:
        call_command("audit_checkpoint", stdout=out, **options)
    finally:
        connection.close()
    return json.loads(out.getvalue())


def test_a_checkpoint_waits_for_the_lower_key_that_is_still_open(only_postgresql, monkeypatch):
    slow, quick = make_user("slow"), make_user("quick")
    written, may_commit, waiting = Event(), Event(), Event()

    def pause():
        waiting.set()
        may_commit.wait(0.02)

    monkeypatch.setattr(settled, "pause", pause)

    with ThreadPoolExecutor() as threads:
        writer = threads.submit(slow_transition, slow, written, may_commit)
        assert written.wait(10)
        quick.fsm.lock(by="quick")  # committed, with a higher key than the one that nobody sees yet
        taken = threads.submit(checkpoint)
        assert waiting.wait(10)
        assert not taken.done()
        may_commit.set()
        writer.result(10)
        line = taken.result(10)

    keys = dict(UserStateAudit.objects.filter(sequence=2).values_list("username", "pk"))
    assert keys["slow"] < keys["quick"] == line["last_id"]
    assert line["count"] == UserStateAudit.objects.count() == 6
    call_command("audit_verify", stdout=StringIO())


def test_it_does_not_wait_for_writers_that_came_later(only_postgresql, monkeypatch):
    late = make_user("late")
    written, may_commit = Event(), Event()

    with ThreadPoolExecutor() as threads:
        highest = UserStateAudit.objects.latest("pk").pk
        ahead = settled.writers("default")
        writer = threads.submit(slow_transition, late, written, may_commit)
        assert written.wait(10)
        assert ahead == set()
        assert len(settled.writers("default")) == 1
        monkeypatch.setattr(settled, "writers", lambda using: ahead)
        assert settled.last_settled_key(using="default", wait=timedelta()) == highest
        may_commit.set()
        writer.result(10)


def test_a_transaction_that_stays_open_is_named_and_no_checkpoint_is_taken(only_postgresql):
    user = make_user("slow")
    written, may_commit = Event(), Event()

    with ThreadPoolExecutor() as threads:
        writer = threads.submit(slow_transition, user, written, may_commit)
        assert written.wait(10)
        try:
            with pytest.raises(CommandError, match=r"open for more than 0.1 s: \d+"):
                checkpoint(wait=0.1)
        finally:
            may_commit.set()
        writer.result(10)

    assert not AuditCheckpoint.objects.exists()

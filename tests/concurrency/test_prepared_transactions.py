"""A prepared transaction (two-phase commit on PostgreSQL) is open without a process, and its keys are still to come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from threading import Event
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from audit.exceptions import StillOpen
from audit.integrity.kept import settled
from audit.models import UserStateAudit
from audit.stream.watermark import Watermark
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def name(of: str) -> str:
    """Names are those of the whole server, where other tests have databases of their own."""
    return f"'{of} {connection.settings_dict['NAME']}'"


class Branch:
    """A transition whose transaction is prepared, and then committed, when it is told to."""

    def __init__(self, user: Any) -> None:
        self.written, self.may_prepare = Event(), Event()
        self._user = user
        self._threads = ThreadPoolExecutor()
        self._running = self._threads.submit(self._run)
        assert self.written.wait(10)

    def _run(self) -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                self._user.fsm.lock(by="slow")
                self.written.set()
                self.may_prepare.wait(30)
                cursor.execute(f"PREPARE TRANSACTION {name('branch')}")
        finally:
            connection.close()

    def prepare(self) -> None:
        self.may_prepare.set()
        self._running.result(10)

    def end(self, verb: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"{verb} PREPARED {name('branch')}")

    def close(self) -> None:
        self.may_prepare.set()
        self._threads.shutdown()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_prepared_xacts WHERE database = current_database()")
            if cursor.fetchone():
                self.end("ROLLBACK")


@pytest.fixture
def branch() -> Iterator[Callable[[Any], Branch]]:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no two-phase commit")
    made: list[Branch] = []

    def make(user: Any) -> Branch:
        made.append(Branch(user))
        return made[-1]

    yield make
    for each in made:
        each.close()


def verified() -> None:
    call_command("audit_verify", stdout=StringIO())


@pytest.mark.parametrize("verb", ["COMMIT", "ROLLBACK"])
def test_a_watermark_stays_below_a_transaction_that_is_prepared_meanwhile(branch, verb):
    slow, quick = make_user("slow"), make_user("quick")
    watermark = Watermark(UserStateAudit, "default")
    settled_before = watermark.rise()
    slow_branch = branch(slow)
    quick.fsm.lock(by="quick")

    seen = [watermark.rise()]
    slow_branch.prepare()
    seen += [watermark.rise(), watermark.rise()]
    assert seen == [settled_before] * 3

    slow_branch.end(verb)
    assert watermark.rise() == UserStateAudit.objects.latest("pk").pk
    verified()
    slow.fsm.refresh_from_db()
    assert slow.fsm.current_state == {"COMMIT": "locked", "ROLLBACK": "active"}[verb]


def test_a_watermark_waits_for_no_transaction_that_was_prepared_later(branch):
    early, late = make_user("early"), make_user("late")
    watermark = Watermark(UserStateAudit, "default")
    early_branch = branch(early)
    make_user("quick")
    expected = UserStateAudit.objects.latest("pk").pk
    watermark.rise()
    early_branch.prepare()
    watermark.rise()
    with transaction.atomic(), connection.cursor() as cursor:
        late.fsm.lock(by="late")
        cursor.execute(f"PREPARE TRANSACTION {name('late')}")

    early_branch.end("COMMIT")
    reached = watermark.rise()
    with connection.cursor() as cursor:
        cursor.execute(f"COMMIT PREPARED {name('late')}")

    assert reached == expected
    assert watermark.rise() == UserStateAudit.objects.latest("pk").pk


def test_a_checkpoint_waits_for_a_transaction_that_is_prepared_meanwhile(branch, monkeypatch):
    slow, quick = make_user("slow"), make_user("quick")
    slow_branch = branch(slow)
    quick.fsm.lock(by="quick")
    monkeypatch.setattr(settled, "pause", slow_branch.prepare)

    with pytest.raises(StillOpen, match="prepared"):
        settled.last_settled_key(using="default", wait=timedelta(seconds=0.2))

    slow_branch.end("COMMIT")
    assert settled.last_settled_key(using="default", wait=timedelta()) == UserStateAudit.objects.latest("pk").pk
    verified()

"""`audit_verify` gives no false alarm while accounts change state."""

from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from threading import Event

import pytest
from django.core.management import call_command
from django.db import connection

from audit.integrity.signed import reading
from audit.models import UserStateAudit
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def lock_and_unlock(user, enough):
    try:
        while not enough.is_set():
            user.fsm.lock(by="system")
            user.fsm.unlock(by="system")
    finally:
        connection.close()


def test_a_change_during_the_walk_is_no_finding(monkeypatch):
    monkeypatch.setattr(reading, "PAGE", 10)  # many queries, and so many moments, in one walk
    people = [make_user(name) for name in ("ada", "bob", "cyd")]
    enough = Event()

    with ThreadPoolExecutor() as threads:
        writers = [threads.submit(lock_and_unlock, person, enough) for person in people]
        try:
            for _ in range(2):
                before = UserStateAudit.objects.transitions().count()
                while UserStateAudit.objects.transitions().count() < before + 6:
                    pass
                call_command("audit_checkpoint", stdout=StringIO())
                call_command("audit_verify", stdout=StringIO())
        finally:
            enough.set()
        for writer in writers:
            writer.result(30)

    call_command("audit_verify", stdout=StringIO())

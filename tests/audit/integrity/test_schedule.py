"""Tampering with scheduled changes and with the notes of their steps."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from audit.exceptions import RefusedByDatabase
from audit.integrity import schedule
from audit.models import SchedulingNote
from tests.factories import make_user
from users.models import ScheduledChange

NOW = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
DUE = NOW + timedelta(days=90)
CHANGES, NOTES = ScheduledChange._meta.db_table, SchedulingNote._meta.db_table


@pytest.fixture
def planned(db):
    """What is pending for Ada, and what was cancelled for Bob."""
    with time_machine.travel(NOW, tick=False):
        ada, bob = make_user("ada"), make_user("bob")
        pending = ada.fsm.schedule("deactivate", at=DUE, by="HR", description="end of the contract")
        cancelled = bob.fsm.schedule("lock", at=DUE, until=DUE + timedelta(days=1), by=ada, description="on leave")
        cancelled.cancel(by=ada, description="stays")
        yield pending, cancelled


def named(outcome):
    return [(each["kind"], each["username"]) for each in outcome.findings]


def test_scheduled_changes_that_nobody_touched_are_as_they_were_noted(planned, verify):
    assert verify().findings == []


@pytest.mark.parametrize(
    "change",
    [
        "at = '2031-01-01'",
        "transition = 'lock'",
        "until = '2031-01-01'",
        "description = 'nothing'",
        "username = 'eve'",
        "scheduled_by = 'eve'",
        "scheduled_by_kind = 'system'",
        "scheduled_by_key = '5'",
        "scheduled_at = '2029-01-01'",
        "user_id = user_id + 1000",
    ],
)
def test_an_edit_of_a_scheduled_change_is_named(planned, verify, tamper, change):
    tamper(f"UPDATE {CHANGES} SET {change} WHERE outcome = 'pending'")

    ((kind, _),) = named(verify())
    assert kind == "schedule"


@pytest.mark.parametrize("change", ["note = 'x'", "settled_by = 'eve'", "settled_by_key = ''", "settled_at = at"])
def test_an_edit_of_who_cancelled_a_scheduled_change_is_named(planned, verify, tamper, change):
    tamper(f"UPDATE {CHANGES} SET {change} WHERE outcome = 'cancelled'")

    assert named(verify()) == [("schedule", "bob")]


@pytest.mark.parametrize("outcome", ["cancelled", "refused", "done"])
def test_a_scheduled_change_that_is_settled_without_a_step_is_named(planned, verify, tamper, outcome):
    tamper(f"UPDATE {CHANGES} SET outcome = '{outcome}', settled_at = at WHERE outcome = 'pending'")

    assert named(verify()) == [("schedule", "ada")]


def test_a_cancelled_change_that_is_pending_again_is_named(planned, verify, tamper):
    tamper(f"UPDATE {CHANGES} SET outcome = 'pending' WHERE outcome = 'cancelled'")

    assert named(verify()) == [("schedule", "bob")]
    assert named(verify(user="bob")) == [("schedule", "bob")]
    assert named(verify(user="ada")) == []


def test_a_scheduled_change_that_nobody_scheduled_is_named(planned, verify):
    ScheduledChange.objects.create(user_id=planned[0].user_id, username="ada", transition="unlock", at=DUE)

    assert named(verify()) == [("schedule", "ada")]


def test_a_deleted_scheduled_change_is_named(planned, verify, tamper):
    tamper(f"DELETE FROM {CHANGES} WHERE outcome = 'pending'")

    assert named(verify()) == [("schedule", "ada")]


def test_a_deleted_step_of_a_scheduled_change_is_named(planned, verify, tamper):
    tamper(f"DELETE FROM {NOTES} WHERE what = 'cancelled'")

    assert named(verify()) == [("schedule", "bob")]


@pytest.mark.parametrize(
    "change",
    [
        "initiated_by = 'eve'",
        "description = 'x'",
        "ip_address = '192.0.2.1'",
        "request_id = 'x'",
        "what = 'done'",
        "actor_kind = 'system'",
        "signature = ''",
        'details = \'{"on_behalf_of": "eve"}\'',
        "actor_id = NULL",
        "until = NULL",
    ],
)
def test_an_edit_of_a_step_of_a_scheduled_change_is_named(planned, verify, tamper, change):
    tamper(f"UPDATE {NOTES} SET {change} WHERE what = 'cancelled'")

    found = named(verify())
    assert ("schedule", "bob") in found
    assert {kind for kind, _ in found} == {"schedule"}


def test_a_change_that_is_settled_while_it_is_verified_is_no_finding(planned, monkeypatch):
    pending, _ = planned
    real = schedule._problem
    stale: list[ScheduledChange] = []

    def settled_meanwhile(change, written):
        if change.pk == pending.pk and not stale:
            stale.append(change)
            pending.cancel(by="HR")
            return real(change, schedule._notes_of(change))
        return real(change, written)

    monkeypatch.setattr(schedule, "_problem", settled_meanwhile)

    assert list(schedule.findings("default")) == []
    assert stale


@pytest.mark.usefixtures("kept")
def test_steps_can_be_deleted_by_nobody_outside_of_maintenance(planned):
    with pytest.raises(RefusedByDatabase):
        SchedulingNote.objects.all().delete()

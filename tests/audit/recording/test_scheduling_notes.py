"""Scheduling, cancelling and what becomes of a scheduled change are signed evidence."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from unittest import mock

import pytest
import time_machine
from django.apps import apps
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit.context import acting_as
from audit.models import SchedulingNote
from tests.api import Machine
from tests.factories import make_superuser, make_user
from tests.staff import make_staff
from users.models import ScheduledChange, UserFSM
from users.schedule import changes

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
DUE = NOW + timedelta(days=90)
LIST = "admin:user_audit_schedulingnote_changelist"


def plan(user, name="deactivate", **words):
    return user.fsm.schedule(name, at=DUE, **{"by": "HR", "description": "end of the contract", **words})


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def steps():
    return list(SchedulingNote.objects.order_by("pk").values_list("what", "initiated_by", "actor_kind", "description"))


def test_the_scheduling_and_the_cancelling_of_a_change_are_signed(clock):
    boss, person = make_superuser("boss"), make_user("ada")
    with acting_as("the HR system"):
        change = person.fsm.schedule("lock", at=DUE, until=DUE + timedelta(days=1), description="on leave")
    clock.move_to(NOW + timedelta(hours=1))
    change.cancel(by=boss, description="stays")

    assert steps() == [
        ("scheduled", "the HR system", "named", "on leave"),
        ("cancelled", "boss", "user", "stays"),
    ]
    scheduled, cancelled = SchedulingNote.objects.order_by("pk")
    assert (scheduled.datetime, cancelled.datetime) == (NOW, NOW + timedelta(hours=1))
    assert (cancelled.actor_id, cancelled.user_id, cancelled.username) == (boss.pk, person.pk, "ada")
    assert (scheduled.transition, scheduled.at, scheduled.until) == ("lock", DUE, DUE + timedelta(days=1))
    assert scheduled.is_genuine
    assert cancelled.is_genuine


def test_the_outcome_is_signed_too(clock):
    plan(make_user("ada"))
    plan(make_user("bob"), "unlock")
    clock.move_to(DUE)
    changes.run_due()

    assert steps()[2:] == [("done", "system", "system", ""), ("refused", "system", "system", "active")]


def test_a_change_scheduled_for_an_account_that_ends_is_refused_with_it(clock, verify):
    person = make_user()
    plan(person)

    person.delete()

    assert steps()[1:] == [("refused", "system", "system", "the account is gone")]
    assert verify().findings == []


def test_nothing_is_scheduled_or_cancelled_without_its_note(clock):
    person = make_user()
    with mock.patch.object(SchedulingNote, "save", side_effect=RuntimeError), pytest.raises(RuntimeError):
        plan(person)
    assert not ScheduledChange.objects.exists()

    change = plan(person)
    with mock.patch.object(SchedulingNote, "save", side_effect=RuntimeError), pytest.raises(RuntimeError):
        change.cancel()
    assert list(person.fsm.scheduled_changes) == [change]


def test_a_rollback_takes_both_back(clock):
    person = make_user()
    with transaction.atomic():
        plan(person)
        transaction.set_rollback(True)

    assert not ScheduledChange.objects.exists()
    assert not SchedulingNote.objects.exists()


@pytest.mark.parametrize("at", [datetime(2200, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_a_time_that_no_record_can_hold_is_refused(at):
    with pytest.raises(ValueError, match="is not between 1970-01-01 and 2200-01-01"):
        make_user().fsm.schedule("deactivate", at=at)


def test_auditors_read_them_and_nobody_changes_them(client):
    person = make_user("ada")
    person.fsm.schedule("lock", at=timezone.now() + timedelta(days=1), by="HR", description="on leave")
    note = SchedulingNote.objects.get()
    client.force_login(make_staff("other", "view_userfsm"))
    assert client.get(reverse(LIST)).status_code == 403

    client.force_login(make_superuser("root"))
    page = client.get(reverse(LIST), {"user": person.pk})
    assert page.status_code == 200
    assert "on leave" in page.text
    assert "on leave" not in client.get(reverse(LIST), {"user": person.pk + 1000}).text
    change, delete = (f"admin:user_audit_schedulingnote_{name}" for name in ("change", "delete"))
    assert client.get(reverse(change, args=(note.pk,))).status_code == 200
    assert client.post(reverse(change, args=(note.pk,)), {"description": "x"}).status_code == 403
    assert client.post(reverse(delete, args=(note.pk,)), {"post": "yes"}).status_code == 403


def test_the_persons_page_leads_auditors_to_them(client):
    person = make_user("ada")
    url = reverse("admin:auth_user_change", args=(person.pk,))
    link = f"{reverse(LIST)}?user={person.pk}"
    client.force_login(make_superuser("root"))
    assert link in client.get(url).text

    client.force_login(make_staff("auditor", "view_user", "view_userfsm", "view_userstateaudit"))
    assert link not in client.get(url).text


def test_the_api_lists_them_for_auditors_newest_first():
    ada, bob = make_user("ada"), make_user("bob")
    tomorrow = timezone.now() + timedelta(days=1)
    ada.fsm.schedule("lock", at=tomorrow, by="HR", description="on leave").cancel(by="HR", description="stays")
    bob.fsm.schedule("deactivate", at=tomorrow, by="HR")
    auditor = Machine("user_audit.view_schedulingnote")

    found = auditor.get("/schedule-steps?limit=2").json()
    assert [(each["username"], each["what"]) for each in found["results"]] == [
        ("bob", "scheduled"),
        ("ada", "cancelled"),
    ]
    rest = auditor.get(found["next"].partition("/api/v1")[2]).json()
    assert [(each["what"], each["description"]) for each in rest["results"]] == [("scheduled", "on leave")]
    of_ada = auditor.get(f"/schedule-steps?user={ada.pk}").json()["results"]
    assert [each["what"] for each in of_ada] == ["cancelled", "scheduled"]
    for wrong in ("user=x%00", "cursor=x", "cursor=-1", "limit=0"):
        assert auditor.get(f"/schedule-steps?{wrong}").status_code == 400
    assert Machine(user=ada).get("/schedule-steps").status_code == 403


def test_changes_scheduled_before_there_were_notes_get_them(clock, verify, tamper):
    boss = make_superuser("boss")
    plan(make_user("ada"), by=boss)
    plan(make_user("bob")).cancel(by=boss, description="stays")
    plan(make_user("cyd"), "unlock")
    plan(make_user("dan"), "lock").cancel(by="HR")
    clock.move_to(DUE)
    changes.run_due()
    before = steps()
    tamper("DELETE FROM user_audit_schedulingnote")
    assert {each["kind"] for each in verify().findings} == {"schedule"}

    migration = import_module("audit.migrations.0016_steps_of_scheduled_changes")
    with transaction.atomic():
        connection_alias = mock.Mock(connection=mock.Mock(alias=UserFSM.objects.db))
        migration.note_what_is_scheduled(apps, connection_alias)

    assert sorted(steps()) == sorted(before)
    assert verify().findings == []

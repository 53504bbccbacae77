"""Scheduled changes: made when they are due, once, if they are still allowed then."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from audit.context import acting_as
from audit.models import RefusedTransition, UserStateAudit
from tests.factories import make_superuser, make_user
from tests.threads import at_once
from tests.truth import assert_true_record, truth
from users.exceptions import NotPending
from users.models import ScheduledChange, UserFSM
from users.schedule import changes
from users.states import State

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
DUE = NOW + timedelta(days=90)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def plan(user, name="deactivate", at=DUE, **words):
    return user.fsm.schedule(name, at=at, **{"by": "HR", "description": "end of the contract", **words})


def outcome(change):
    return ScheduledChange.objects.get(pk=change.pk)


def test_a_change_is_made_when_it_is_due_and_not_before(clock):
    person = make_user()
    plan(person)

    clock.move_to(DUE - timedelta(milliseconds=1))
    assert changes.run_due().made == 0
    assert truth(person).state == State.ACTIVE

    clock.move_to(DUE)
    assert changes.run_due().made == 1
    assert assert_true_record(person).state == State.DEACTIVATED


def test_the_record_says_that_it_was_scheduled_by_whom_when_and_why(clock):
    boss, person = make_superuser("boss"), make_user()
    change = plan(person, by=boss)

    clock.move_to(DUE)
    changes.run_due()

    record = UserStateAudit.objects.of(person).latest()
    assert (record.cause, record.initiated_by, record.actor_kind) == ("scheduled", "system", "system")
    assert record.description == "end of the contract"
    assert record.details == {
        "scheduled_by": "boss",
        "scheduled_by_kind": "user",
        "scheduled_by_key": str(boss.pk),
        "scheduled_at": NOW.isoformat(),
        "scheduled_for": DUE.isoformat(),
        "change": change.pk,
    }


def test_scheduling_and_cancelling_are_kept_with_who_when_and_why(clock):
    person = make_user()
    with acting_as("the HR system"):
        change = person.fsm.schedule("lock", at=DUE, description="on leave")
    clock.move_to(NOW + timedelta(hours=1))
    change.cancel(by=make_superuser("boss"), description="stays")

    kept = outcome(change)
    assert (kept.scheduled_by, kept.scheduled_by_kind, kept.scheduled_at) == ("the HR system", "named", NOW)
    assert (kept.outcome, kept.settled_by, kept.note) == ("cancelled", "boss", "stays")
    assert kept.settled_at == NOW + timedelta(hours=1)


def test_nobody_named_on_the_command_line_is_cli():
    assert plan(make_user(), by=None).scheduled_by == "CLI"


def test_a_cancelled_change_is_not_made(clock):
    person = make_user()
    plan(person).cancel()

    clock.move_to(DUE)

    assert changes.run_due() == changes.ChangesRun()
    assert truth(person).state == State.ACTIVE


def test_a_settled_change_cannot_be_cancelled(clock):
    done, cancelled = plan(make_user("done")), plan(make_user("cancelled"))
    cancelled.cancel()
    clock.move_to(DUE)
    changes.run_due()

    for change in (done, cancelled):
        with pytest.raises(NotPending):
            change.cancel()
    assert outcome(done).outcome == "done"


def test_the_pending_changes_of_an_account_are_listed_in_order():
    person, other = make_user(), make_user("other")
    later, sooner, gone = plan(person), plan(person, "lock", DUE - timedelta(days=1)), plan(person)
    gone.cancel()
    plan(other)

    assert list(person.fsm.scheduled_changes) == [sooner, later]


def test_a_change_that_the_state_no_longer_allows_is_refused_and_kept(clock):
    person = make_user()
    change = plan(person, "unlock")

    clock.move_to(DUE)

    assert changes.run_due() == changes.ChangesRun(refused=1)
    assert (outcome(change).outcome, outcome(change).note) == ("refused", "active")
    refusal = RefusedTransition.objects.get()
    assert (refusal.user_id, refusal.transition, refusal.reason) == (person.pk, "unlock", "state")
    assert changes.run_due() == changes.ChangesRun()


def test_who_became_a_superuser_since_is_moved_only_by_a_change_that_a_superuser_scheduled(clock):
    make_superuser("root")
    staff, boss = make_user("staff"), make_superuser("boss")
    by_staff, by_boss, by_code, by_the_gone = (
        plan(make_user(name), by=by)
        for name, by in (("ada", staff), ("bob", boss), ("cleo", "HR"), ("dan", make_user("gone")))
    )
    User.objects.filter(username__in=["ada", "bob", "cleo", "dan"]).update(is_superuser=True)
    User.objects.get(username="gone").delete()

    clock.move_to(DUE)

    assert changes.run_due() == changes.ChangesRun(made=2, refused=2)
    assert {outcome(change).outcome for change in (by_boss, by_code)} == {"done"}
    assert {outcome(change).outcome for change in (by_staff, by_the_gone)} == {"refused"}
    assert {outcome(change).note for change in (by_staff, by_the_gone)} == {"protected: only superusers may do this"}


def test_the_last_active_superuser_stays(clock):
    root, other = make_superuser(), make_superuser("other")
    first, second = plan(root), plan(other)

    clock.move_to(DUE)

    assert changes.run_due() == changes.ChangesRun(made=1, refused=1)
    assert (truth(root).state, truth(other).state) == (State.DEACTIVATED, State.ACTIVE)
    assert (outcome(first).outcome, outcome(second).outcome) == ("done", "refused")
    assert outcome(second).note == "the last active superuser"
    assert RefusedTransition.objects.get().reason == "protected"


def test_scheduled_changes_of_an_account_end_with_it(clock):
    person = make_user()
    change = plan(person)
    person.delete()

    assert (outcome(change).outcome, outcome(change).note) == ("refused", "the account is gone")
    clock.move_to(DUE)
    assert changes.run_due() == changes.ChangesRun()


def test_nothing_is_scheduled_for_an_account_that_is_gone():
    person = make_user()
    fsm = person.fsm
    User.objects.filter(pk=person.pk).delete()

    with pytest.raises(UserFSM.DoesNotExist):
        fsm.schedule("deactivate", at=DUE, by="system")

    assert not ScheduledChange.objects.exists()


def test_a_scheduled_lock_can_have_an_end(clock):
    person = make_user()
    plan(person, "lock", until=DUE + timedelta(days=7))

    clock.move_to(DUE)
    changes.run_due()

    assert UserFSM.objects.get(user=person).locked_until == DUE + timedelta(days=7)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("explode", {}),
        ("lock", {"at": NOW}),
        ("lock", {"at": NOW - timedelta(days=1)}),
        ("lock", {"at": datetime(2031, 1, 1)}),  # noqa: DTZ001 - that is the mistake
        ("lock", {"until": DUE}),
        ("deactivate", {"until": DUE + timedelta(days=1)}),
    ],
)
def test_a_change_that_makes_no_sense_is_not_scheduled(name, words):
    with pytest.raises(ValueError, match=r"."):
        plan(make_user(), name, **words)
    assert not ScheduledChange.objects.exists()


def test_an_account_can_be_made_with_an_end(clock):
    person = UserFSM.objects.invite(email="ada@example.com", username="ada", by="HR", ends_at=DUE)

    clock.move_to(DUE)
    changes.run_due()

    assert truth(person).state == State.DEACTIVATED


def test_one_that_the_database_refuses_does_not_stop_the_others(clock, receive):
    from django_fsm.signals import post_transition

    unlucky, person = make_user("unlucky"), make_user()
    plan(unlucky)
    plan(person)

    def fail(instance, **kwargs):
        if instance.user_id == unlucky.pk:
            raise DatabaseError("out of disk")

    receive(post_transition, fail)
    clock.move_to(DUE)

    assert changes.run_due() == changes.ChangesRun(made=1, failed=1)
    assert (truth(unlucky).state, truth(person).state) == (State.ACTIVE, State.DEACTIVATED)
    assert list(unlucky.fsm.scheduled_changes)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_make_each_change_once(clock):
    people = [make_user(f"person{number}") for number in range(4)]
    for person in people:
        plan(person)
    clock.move_to(DUE)

    runs = at_once(changes.run_due, changes.run_due)

    assert sum(run.made for run in runs) == 4
    assert all(run.failed == 0 and run.refused == 0 for run in runs)
    for person in people:
        assert assert_true_record(person).version == 2


@pytest.mark.django_db(transaction=True)
def test_cancelled_or_made_at_the_same_moment_it_is_one_of_both(clock):
    person = make_user()
    change = plan(person)
    clock.move_to(DUE)

    run, cancelled = at_once(changes.run_due, ScheduledChange.objects.get(pk=change.pk).cancel)

    if cancelled is None:
        assert (run.made, truth(person).state, outcome(change).outcome) == (0, State.ACTIVE, "cancelled")
    else:
        assert isinstance(cancelled, NotPending)
        assert (run.made, truth(person).state, outcome(change).outcome) == (1, State.DEACTIVATED, "done")


# manage.py run_due


def test_run_due_makes_changes_lifts_locks_and_warns_the_dormant(clock, capsys):
    leaver, locked = make_user("leaver"), make_user("locked")
    make_user("dormant", email="dormant@example.com")
    plan(leaver)
    locked.fsm.lock(by="system", until=NOW + timedelta(hours=1))
    clock.move_to(DUE)

    call_command("run_due")

    assert (truth(leaver).state, truth(locked).state) == (State.DEACTIVATED, State.ACTIVE)
    assert capsys.readouterr().out == (
        "scheduled changes: 1 made, 0 refused\nexpired locks: 1 unlocked\nsaved views: 0 queued\n"
        "dormant accounts: 2 warned, 0 deactivated\ndashboard: 29 days counted\n"
    )

    call_command("run_due")
    assert capsys.readouterr().out == (
        "scheduled changes: 0 made, 0 refused\nexpired locks: 0 unlocked\nsaved views: 0 queued\n"
        "dormant accounts: 0 warned, 0 deactivated\ndashboard: 0 days counted\n"
    )


def test_run_due_can_leave_the_dormant_alone(clock, capsys):
    make_user("dormant", email="dormant@example.com")
    clock.move_to(DUE)

    call_command("run_due", no_dormancy=True)

    assert "dormant" not in capsys.readouterr().out


def test_run_due_fails_at_the_end_where_something_could_not_be_done(clock, receive):
    from django_fsm.signals import post_transition

    person = make_user()
    plan(person)

    def fail(**kwargs):
        raise DatabaseError("out of disk")

    receive(post_transition, fail)
    clock.move_to(DUE)

    with pytest.raises(CommandError, match="1 could not be done"):
        call_command("run_due", no_dormancy=True)

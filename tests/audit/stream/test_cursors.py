import random
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from functools import partial
from io import StringIO
from threading import Event

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from audit.context import acting_as
from audit.exceptions import OnStandby
from audit.integrity.kept.settled import Writers
from audit.models import RecordRead, RefusedTransition, StreamCursor, UserStateAudit
from audit.stream.cursors import Cursor
from audit.stream.delivery import Stream
from audit.stream.exceptions import CursorWasLost
from audit.stream.sources import CHANGES
from audit.stream.watermark import Watermark
from tests.factories import make_superuser, make_user
from tests.threads import at_once
from users.exceptions import TransitionRefused

pytestmark = pytest.mark.django_db(transaction=True)


def all_keys():
    return list(UserStateAudit.objects.order_by("pk").values_list("pk", flat=True))


def test_the_next_run_goes_on_where_the_last_one_ended(stream):
    make_user("ada")
    stream()
    make_user("bob")

    events = stream()

    assert [event["id"] for event in events] == all_keys()
    assert len({event["event_id"] for event in events}) == len(events)


def test_each_cursor_has_a_place_of_its_own(stream):
    make_user()

    stream()
    events = stream(cursor="another")

    assert [event["id"] for event in events] == [*all_keys(), *all_keys()]


def test_of_two_processes_with_one_cursor_one_works(stream):
    make_user()
    held = Cursor.take(CHANGES, name="default", target="-", format="jsonl", using="default")

    with pytest.raises(CommandError, match="in use"):
        stream()
    held.release()

    assert len(stream()) == UserStateAudit.objects.count()


def test_a_process_that_did_not_come_back_in_time_cannot_move_the_cursor_any_more(stream):
    make_user()
    slow = Cursor.take(CHANGES, name="default", target="-", format="jsonl", using="default")
    StreamCursor.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    stream()

    with pytest.raises(CursorWasLost):
        slow.renew()
    with pytest.raises(CursorWasLost):
        slow.advance(list(UserStateAudit.objects.all()[:1]), settled=0)


def test_after_a_failover_that_lost_rows_the_stream_says_so_and_delivers_anew(stream, tamper, capsys):
    for name in ("ada", "bob", "eve"):
        make_user(name)
        stream()
    lost = list(UserStateAudit.objects.filter(username="eve").values_list("pk", flat=True))
    tamper("DELETE FROM user_audit_userstateaudit WHERE username = 'eve'")
    User.objects.get(username="bob").fsm.lock(by="system")

    events = stream()

    assert "is no longer there" in capsys.readouterr().err
    assert [event["id"] for event in events[: len(lost) + 4]] == [*all_keys()[:4], *lost]
    assert events[-1]["transition"] == "lock"


def test_another_row_under_the_key_of_a_lost_one_is_delivered_with_another_id(stream, tamper):
    make_user("ada")
    stream()
    make_user("bob")
    before = stream()
    tamper("UPDATE user_audit_userstateaudit SET signature = '2.00000000.ff', username = 'zoe' WHERE username = 'bob'")

    after = stream()[len(before) :]

    assert [event["username"] for event in after] == ["zoe", "zoe"]
    assert not {event["event_id"] for event in before} & {event["event_id"] for event in after}


def test_while_the_database_is_a_standby_the_stream_waits_and_goes_back_nowhere(stream, monkeypatch, pauses):
    make_user("ada")
    stream()
    make_user("bob")
    place = StreamCursor.objects.get().last_id
    asked = []

    def standby_at_first(using):
        asked.append(StreamCursor.objects.get().last_id)
        if len(asked) in (2, 3):  # the command itself asks first
            raise OnStandby("db2")

    for module in ("audit.management.commands.audit_stream", "audit.stream.delivery"):
        monkeypatch.setattr(f"{module}.refuse_standby", standby_at_first)

    assert [event["id"] for event in stream()] == all_keys()
    assert set(asked[:4]) == {place}
    assert len(pauses) == 2


def test_an_erasure_of_who_acted_is_not_taken_for_a_loss(stream, capsys):
    ada = make_superuser("ada")
    for _ in range(2):
        with acting_as(ada), suppress(TransitionRefused):
            make_user("bob").fsm.unlock()
        User.objects.get(username="bob").delete()
    RecordRead.objects.create(what="export", actor_kind="user", actor_id=ada.pk, initiated_by="ada", rows=3)
    before = stream(what="refusals,reads")
    call_command("audit_erase", "ada", reason="asked for", stdout=StringIO())

    after = stream(what="refusals,reads")

    assert set(RefusedTransition.objects.values_list("initiated_by", flat=True)) == {""}
    assert len(before) == 3
    assert after == before
    assert "no longer there" not in capsys.readouterr().err


def test_going_back_after_a_loss_keeps_what_was_not_delivered_before_that_place(stream):
    for name in ("ada", "bob", "eve"):
        make_user(name)
    held = Cursor.take(CHANGES, name="default", target="-", format="jsonl", using="default")
    rows = list(UserStateAudit.objects.order_by("pk"))
    second, third, fourth, fifth = (row.pk for row in rows[1:5])
    held.advance([*rows[:1], *rows[3:4]], settled=rows[0].pk)  # those between them become visible later
    held.advance([rows[4]], settled=rows[0].pk)
    assert held.gaps == [(second, third)]

    held.go_back(held.trail[1])

    assert held.row.last_id == fourth < fifth
    assert held.gaps == [(second, third)]
    held.release()
    assert [event["id"] for event in stream()] == [second, third, *(row.pk for row in rows[4:])]


POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


@POSTGRESQL
def test_a_row_that_becomes_visible_late_is_delivered_and_nothing_waits_for_it(stream):
    slow, quick = make_user("slow"), make_user("quick")
    before = stream()
    written, committing = Event(), Event()

    def write_and_wait():
        with transaction.atomic():
            slow.fsm.lock(by="system")
            written.set()
            committing.wait(30)

    def stream_meanwhile():
        written.wait(30)
        quick.fsm.lock(by="system")
        try:
            return stream()
        finally:
            committing.set()

    _, meanwhile = at_once(write_and_wait, stream_meanwhile)
    gaps = StreamCursor.objects.get().gaps
    after = stream()

    late = UserStateAudit.objects.get(username="slow", transition="lock").pk
    assert [event["username"] for event in meanwhile[len(before) :]] == ["quick"]
    assert gaps == [[late, late]]
    assert [event["id"] for event in after[len(meanwhile) :]] == [late]
    assert StreamCursor.objects.get().gaps == []


@POSTGRESQL
def test_with_four_writers_nothing_is_missed_and_each_account_is_in_order(stream):
    people = [make_user(f"user{number}") for number in range(4)]
    done = Event()

    def write(seed):
        chance = random.Random(seed)  # noqa: S311 - chance is no secret here
        for _ in range(40):
            with suppress(TransitionRefused), transaction.atomic():
                for person in sorted(chance.sample(people, 2), key=lambda user: user.pk):
                    fsm = type(person).objects.get(pk=person.pk).fsm
                    (fsm.lock if fsm.current_state == "active" else fsm.unlock)(by="system")
                time.sleep(chance.random() / 200)  # keys are taken in another order than transactions end

    def write_all():
        try:
            at_once(*(partial(write, seed) for seed in range(4)))
        finally:
            done.set()

    def follow():
        while not done.is_set():
            stream()
        return stream()

    _, events = at_once(write_all, follow)

    assert sorted(event["id"] for event in events) == all_keys()
    for person in people:
        sequences = [event["sequence"] for event in events if event["user_id"] == str(person.pk)]
        assert sequences == list(range(len(sequences)))


def test_refusals_readings_and_scheduled_changes_have_places_of_their_own(stream):
    ada = make_user()
    ada.fsm.schedule("deactivate", at=timezone.now() + timedelta(days=90), by="HR").cancel(by="HR")
    for _ in range(2):
        with suppress(TransitionRefused):
            ada.fsm.unlock(by="system")
    RecordRead.objects.create(what="export", actor_kind="cli", initiated_by="CLI", rows=3)

    stream(what="changes,refusals,reads,scheduled")
    events = stream(what="changes,refusals,reads,scheduled")

    assert Counter(event["event"] for event in events) == {
        "changes": UserStateAudit.objects.count(),
        "refusals": RefusedTransition.objects.count(),
        "reads": 1,
        "scheduled": 2,
    }
    assert RefusedTransition.objects.exists()
    assert StreamCursor.objects.count() == 4
    steps = [event for event in events if event["event"] == "scheduled"]
    assert [(step["what"], step["transition"], step["initiated_by"]) for step in steps] == [
        ("scheduled", "deactivate", "HR"),
        ("cancelled", "deactivate", "HR"),
    ]
    assert all(step["signature"] and not {"person_salt", "actor_salt"} & step.keys() for step in steps)


def test_keys_that_come_again_after_a_repair_are_delivered_with_other_ids(stream, tamper, capsys):
    """As after `.recover` of SQLite has lost a page of records and the table of the highest keys."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no .recover")
    for name in ("ada", "bob"):
        make_user(name)
        before = stream()
    lost = list(UserStateAudit.objects.filter(username="bob").values_list("pk", flat=True))
    tamper("DELETE FROM user_audit_userstateaudit WHERE username = 'bob'")
    tamper("DELETE FROM sqlite_sequence")
    eve = make_user("eve")
    eve.fsm.lock(by="system")
    assert {*lost} < {*UserStateAudit.objects.of(eve).values_list("pk", flat=True)}

    after = stream()[len(before) :]

    assert "is no longer there" in capsys.readouterr().err
    assert [event["username"] for event in after] == ["eve", "eve", "eve"]
    assert not {event["event_id"] for event in before} & {event["event_id"] for event in after}


def test_an_export_is_delivered_once_it_is_finished_or_interrupted(stream, time_machine):
    common = {"actor_kind": "user", "actor_id": 7, "initiated_by": "auditor", "rows": None}
    time_machine.move_to("2026-03-01T12:00:00Z", tick=False)
    running, broken_off = (RecordRead.objects.create(what="export", datetime=timezone.now(), **common) for _ in "ab")
    page = RecordRead.objects.create(what="list", datetime=timezone.now(), **common | {"rows": 3})

    assert [event["id"] for event in stream(what="reads")] == [page.pk]
    running.rows = 12
    running.save()
    assert [(event["id"], event["rows"]) for event in stream(what="reads")[1:]] == [(running.pk, 12)]
    time_machine.move_to("2026-03-01T13:00:01Z", tick=False)
    assert [(event["id"], event["rows"]) for event in stream(what="reads")[2:]] == [(broken_off.pk, None)]
    assert len(stream(what="reads")) == 3


@pytest.mark.parametrize("name", ["", "x" * 101, "a\0b", "\udcff"])
def test_a_name_that_no_cursor_can_have_is_refused(stream, name):
    with pytest.raises(CommandError, match="--cursor"):
        stream(cursor=name)
    assert not StreamCursor.objects.exists()


@pytest.mark.parametrize("name", ["x" * 100, "' OR 1=1 --", "用户 \u202e", "%s", "../../x", "a,b"])
def test_any_other_name_is_a_name(stream, name, admin, client):
    make_user()

    stream(cursor=name)
    assert len(stream(cursor=name)) == UserStateAudit.objects.count()
    assert client.get("/admin/user_audit/streamcursor/").status_code == 200


def test_marks_do_not_pile_up_beside_a_transaction_that_never_ends(monkeypatch):
    watermark = Watermark(UserStateAudit, "default")
    for number in range(50):
        now: Writers = {("forever", 1), (f"short {number}", 2)}
        monkeypatch.setattr(Watermark, "_writers", lambda self, now=now: now)
        watermark.rise()

    assert len(watermark._marks) <= 2


def test_only_changes_are_written_as_csv(stream):
    with pytest.raises(CommandError, match="only changes"):
        stream(what="changes,reads", form="csv")


def test_a_run_ends_although_accounts_go_on_changing(stream, monkeypatch):
    ada = make_user()
    deliver = Stream._deliver

    def change_meanwhile(self, *args):
        (ada.fsm.lock if ada.fsm.current_state == "active" else ada.fsm.unlock)(by="system")
        deliver(self, *args)

    with monkeypatch.context() as patched:
        patched.setattr(Stream, "_deliver", change_meanwhile)
        first = stream()
    second = stream()

    assert len(first) == 2
    assert [event["id"] for event in second] == all_keys()


def test_records_that_were_archived_before_they_were_delivered_are_named_once(stream, settings, tmp_path, capsys):
    settings.AUDIT_RETENTION_MINIMUM = timedelta(0)
    stream()
    make_user("ada")
    archive = tmp_path / "old.jsonl.gz"
    call_command("audit_prune", before=timezone.now().isoformat(), archive=archive)

    events = stream()

    assert [event["id"] for event in events] == all_keys()
    assert "not delivered" in (told := capsys.readouterr().err)
    assert "old.jsonl.gz" in told
    make_user("bob")
    stream()
    assert "not delivered" not in capsys.readouterr().err


def test_a_cursor_that_somebody_deletes_ends_the_stream(stream):
    cursor = Cursor.take(CHANGES, name="x", target="-", format="jsonl", using="default")
    StreamCursor.objects.all().delete()

    with pytest.raises(CursorWasLost, match="deleted"):
        cursor.renew()

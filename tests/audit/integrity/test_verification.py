"""Each kind of tampering, by somebody who owns the tables and has not got the key."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.integrity.signed import reading
from audit.integrity.signed.facts import Facts
from audit.models import UserStateAudit
from tests.factories import make_user
from users.states import State

pytestmark = pytest.mark.django_db

RECORDS = UserStateAudit._meta.db_table
STATES = "user_lifecycle_userfsm"
COLUMNS = ", ".join((*Facts._fields, "signature"))

OTHER_FACTS = {
    "username": "eve",
    "transition": "reactivate",
    "start_state": "deactivated",
    "end_state": "deactivated",
    "datetime": datetime(2020, 1, 1, tzinfo=UTC),
    "actor_id": 7,
    "initiated_by": "eve",
    "description": "nothing happened",
    "ip_address": "192.0.2.1",
    "user_agent": "none",
    "request_id": "none",
    "cause": "dormant",
    "locked_until": datetime(2030, 1, 1, tzinfo=UTC),
    "actor_kind": "cli",
    "impersonator_id": 7,
    "impersonator_name": "eve",
    "details": '{"count": 7}',
    "person_salt": "another",
    "actor_salt": "another",
}


@pytest.fixture
def bob(people):
    return people[1]


def delete(tamper, user, *sequences):
    for sequence in sequences:
        tamper(f"DELETE FROM {RECORDS} WHERE user_id = %s AND sequence = %s", [user.pk, sequence])


def test_what_nobody_touched_is_clean(people, verify):
    outcome = verify()

    assert (outcome.exit_code, outcome.findings) == (0, [])
    assert outcome.summary == {"records": 18, "accounts": 3, "findings": 0}


def test_it_stays_clean_when_a_user_is_deleted_and_records_have_no_account_any_more(people, verify):
    people[1].delete()

    assert verify().exit_code == 0


def test_pages_change_nothing_and_memory_holds_one_of_them(people, verify, monkeypatch, tamper):
    monkeypatch.setattr(reading, "PAGE", 2)
    assert verify().summary == {"records": 18, "accounts": 3, "findings": 0}

    delete(tamper, people[1], 2, 3)

    assert verify().named == [("missing", "bob", 2)]


@pytest.mark.parametrize("column", [name for name in Facts._fields if name not in ("user_id", "sequence")])
def test_an_edit_of_any_fact_is_named(bob, verify, tamper, column):
    tamper(f"UPDATE {RECORDS} SET {column} = %s WHERE user_id = %s AND sequence = 3", [OTHER_FACTS[column], bob.pk])

    outcome = verify()

    assert outcome.exit_code == 1
    assert "edited" in {each["kind"] for each in outcome.findings if each["sequence"] == 3}
    assert {each["user_id"] for each in outcome.findings} == {bob.pk}
    assert {each["sequence"] for each in outcome.findings} <= {3, 4}  # the next one may follow no more


def test_a_time_that_was_given_an_offset_is_named(bob, verify, tamper):
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL keeps the moment, and no offset")
    tamper(f"UPDATE {RECORDS} SET datetime = datetime || '+05:00' WHERE user_id = %s AND sequence = 3", [bob.pk])

    assert ("edited", "bob", 3) in verify().named


def test_a_record_moved_to_another_place_in_the_sequence_is_named(bob, verify, tamper):
    tamper(f"UPDATE {RECORDS} SET sequence = 9 WHERE user_id = %s AND sequence = 5", [bob.pk])

    assert {("edited", "bob", 9), ("missing", "bob", 5)} <= set(verify().named)


def test_a_record_given_to_another_user_is_named(people, verify, tamper):
    ada, bob, _ = people
    tamper(f"UPDATE {RECORDS} SET user_id = %s, sequence = 6 WHERE user_id = %s AND sequence = 5", [ada.pk, bob.pk])

    assert ("edited", "bob", 6) in verify().named  # by the name it carries, under ada's key


def test_a_signature_taken_away_is_named(bob, verify, tamper):
    tamper(f"UPDATE {RECORDS} SET signature = '' WHERE user_id = %s AND sequence = 2", [bob.pk])

    assert verify().named == [("unsigned", "bob", 2)]


def test_a_signature_of_another_record_is_named(bob, verify, tamper):
    tamper(
        f"UPDATE {RECORDS} SET signature = (SELECT signature FROM {RECORDS} WHERE user_id = %s AND sequence = 1)"
        " WHERE user_id = %s AND sequence = 2",
        [bob.pk, bob.pk],
    )

    assert verify().named == [("edited", "bob", 2)]


@pytest.mark.parametrize(
    ("gone", "named"),
    [
        ((1,), [("missing", "bob", 1)]),
        ((3,), [("missing", "bob", 3)]),
        ((2, 3, 4), [("missing", "bob", 2)]),
        ((2, 4), [("missing", "bob", 2), ("missing", "bob", 4)]),
        ((5,), [("version", "bob", 5), ("state", "bob", 4)]),
        ((4, 5), [("version", "bob", 4)]),
        ((1, 2, 3, 4, 5), [("version", "bob", 1), ("state", "bob", 0)]),
        ((0,), [("missing", "bob", 0)]),
        ((0, 1, 2, 3, 4, 5), [("no_birth", "bob", None)]),
    ],
)
def test_deleted_records_are_named(bob, verify, tamper, gone, named):
    delete(tamper, bob, *gone)

    assert verify().named == named


def test_two_records_that_changed_places_are_named(bob, verify, tamper):
    for old, new in ((2, 99), (3, 2), (99, 3)):
        tamper(f"UPDATE {RECORDS} SET sequence = %s WHERE user_id = %s AND sequence = %s", [new, bob.pk, old])

    outcome = verify()

    assert {("edited", "bob", 2), ("edited", "bob", 3), ("not_following", "bob", 2)} <= set(outcome.named)
    assert {each["sequence"] for each in outcome.findings} <= {2, 3, 4}


def test_two_records_whose_keys_changed_places_are_named(bob, verify, tamper):
    first, second = UserStateAudit.objects.transitions().of(bob).values_list("pk", flat=True)[1:3]
    for old, new in ((first, 9999), (second, first), (9999, second)):
        tamper(f"UPDATE {RECORDS} SET id = %s WHERE id = %s", [new, old])

    assert verify().named == [("out_of_order", "bob", 3)]


def insert(tamper, bob, **values):
    columns = {name: f"'{values[name]}'" if name in values else name for name in COLUMNS.split(", ")}
    tamper(
        f"INSERT INTO {RECORDS} ({COLUMNS}) SELECT {', '.join(columns.values())} FROM {RECORDS}"
        " WHERE user_id = %s AND sequence = 4",
        [bob.pk],
    )


def test_an_inserted_record_is_named(bob, verify, tamper):
    insert(tamper, bob, sequence=6)

    assert {("edited", "bob", 6), ("version", "bob", 6)} <= set(verify().named)


def test_a_record_copied_from_another_user_is_named(people, verify, tamper):
    ada, bob, _ = people
    delete(tamper, ada, 4)
    insert(tamper, bob, user_id=ada.pk)

    assert ("edited", "bob", 4) in verify().named  # bob's name is on it
    assert {each["user_id"] for each in verify().findings} == {ada.pk}


def test_a_record_rewritten_with_another_key_is_named(bob, verify, tamper, settings):
    delete(tamper, bob, 5)
    tamper(f"UPDATE {STATES} SET version = 4, current_state = 'locked' WHERE user_id = %s", [bob.pk])
    keys = settings.AUDIT_SIGNING_KEYS
    settings.AUDIT_SIGNING_KEYS = ["a key that somebody made up, and nobody knows"]
    bob.fsm.unlock(by="eve")
    settings.AUDIT_SIGNING_KEYS = keys

    assert verify().named == [("unknown_key", "bob", 5)]


def test_a_state_put_back_is_named(bob, verify, tamper):
    tamper(f"UPDATE {STATES} SET current_state = 'locked' WHERE user_id = %s", [bob.pk])

    assert verify().named == [("state", "bob", 5), ("is_active", "bob", None)]


def test_a_version_put_back_is_named(bob, verify, tamper):
    tamper(f"UPDATE {STATES} SET version = 3 WHERE user_id = %s", [bob.pk])

    assert verify().named == [("version", "bob", 4)]


def test_another_time_since_when_an_account_is_in_its_state_is_named(bob, verify, tamper):
    tamper(f"UPDATE {STATES} SET changed_at = '2020-01-01 00:00:00+00:00' WHERE user_id = %s", [bob.pk])

    assert verify().named == [("changed_at", "bob", 5)]


def test_a_time_since_when_that_is_not_known_is_no_finding(bob, verify, tamper):
    tamper(f"UPDATE {STATES} SET changed_at = NULL WHERE user_id = %s", [bob.pk])

    assert verify().named == []


def test_an_is_active_that_disagrees_is_named(bob, verify, tamper):
    tamper("UPDATE auth_user SET is_active = false WHERE id = %s", [bob.pk])

    assert verify().named == [("is_active", "bob", None)]


def test_a_user_without_a_state_is_named(bob, verify):
    User.objects.bulk_create([User(username="dan")])

    assert verify().named == [("no_state", "dan", None)]


def test_an_account_locked_without_a_record_is_named(verify, tamper):
    dan = make_user("dan", state=State.INVITED)
    tamper(f"UPDATE {STATES} SET current_state = 'locked' WHERE user_id = %s", [dan.pk])

    assert verify().named == [("state", "dan", 0)]


def test_one_user_can_be_asked_for_even_when_deleted(people, verify, tamper):
    ada = people[0]
    delete(tamper, ada, 2)
    assert verify(user="bob").summary == {"records": 6, "accounts": 1, "findings": 0}
    assert verify(user="ada").named == [("missing", "ada", 2)]

    ada.delete()

    assert verify(user="ada").named == [("missing", "ada", 2)]


def test_a_part_of_the_time_can_be_asked_for(people, verify, tamper):
    since = UserStateAudit.objects.transitions().get(user=people[1], sequence=5).datetime.isoformat()
    assert verify(since=since).summary == {"records": 3, "accounts": 3, "findings": 0}

    delete(tamper, people[1], 2)
    assert verify(since=since).exit_code == 0

    delete(tamper, people[1], 4)
    assert verify(since=since).named == [("missing", "bob", 4)]


def test_records_that_start_where_the_one_before_the_time_did_not_end_are_named(people, verify, tamper):
    newest = UserStateAudit.objects.transitions().get(user=people[1], sequence=5)
    tamper(f"UPDATE {RECORDS} SET end_state = 'deactivated' WHERE user_id = %s AND sequence = 4", [people[1].pk])

    assert verify(since=newest.datetime.isoformat()).named == [("not_following", "bob", 5)]


def test_a_clock_that_is_a_little_behind_is_no_finding_and_one_that_is_far_behind_is(bob, verify, time_machine):
    newest = UserStateAudit.objects.transitions().get(user=bob, sequence=5)
    time_machine.move_to(newest.datetime - timedelta(seconds=4), tick=False)
    bob.fsm.lock()
    assert verify().exit_code == 0

    time_machine.move_to(newest.datetime - timedelta(seconds=60), tick=False)
    bob.fsm.unlock()
    assert verify().named == [("out_of_order", "bob", 7)]


def test_the_number_of_queries_follows_from_the_pages_and_not_from_the_people(people, verify):
    with CaptureQueriesContext(connection) as few:
        verify()
    for number in range(20):
        make_user(f"person-{number}")

    with CaptureQueriesContext(connection) as many:
        verify()

    assert len(many) == len(few)


def test_an_account_that_is_gone_without_a_death_is_named(bob, verify, tamper):
    for table, key in ((STATES, "user_id"), ("auth_user", "id")):
        tamper(f"DELETE FROM {table} WHERE {key} = %s", [bob.pk])

    assert verify().named == [("no_death", "bob", 5)]
    assert verify(user="bob").named == [("no_death", "bob", 5)]

    call_command("audit_declare_loss", reason="an owner's mistake", stdout=StringIO())
    assert verify().exit_code == 0


def test_an_account_that_is_gone_is_found_on_whatever_page_its_records_end(people, verify, tamper, monkeypatch):
    for user in people:
        tamper(f"DELETE FROM {STATES} WHERE user_id = %s", [user.pk])
        tamper("DELETE FROM auth_user WHERE id = %s", [user.pk])
    expected = {("no_death", name, 5) for name in ("ada", "bob", "cyd")}

    for size in (1, 4, 6, 7, 18):
        monkeypatch.setattr(reading, "PAGE", size)
        assert set(verify().named) == expected


def test_a_user_who_is_deleted_during_the_walk_is_no_finding(people, verify, monkeypatch):
    pages, ada = reading.pages_by_user, people[0]

    def slowly(records):
        for page in pages(records):
            if ada.pk is not None:
                ada.delete()
            yield page

    monkeypatch.setattr("audit.integrity.walk.pages_by_user", slowly)

    assert verify().findings == []


def test_a_state_moved_to_another_user_is_named(people, verify, tamper):
    ada, bob, _ = people
    tamper(f"DELETE FROM {STATES} WHERE user_id = %s", [ada.pk])
    tamper(f"UPDATE {STATES} SET user_id = %s WHERE user_id = %s", [ada.pk, bob.pk])

    assert ("no_state", "bob", None) in verify().named


def test_an_old_record_replayed_as_the_next_one_is_named(bob, verify, tamper):
    tamper(f"UPDATE {STATES} SET version = 6, current_state = 'locked' WHERE user_id = %s", [bob.pk])
    tamper("UPDATE auth_user SET is_active = false WHERE id = %s", [bob.pk])
    insert(tamper, bob, sequence=6)

    assert ("edited", "bob", 6) in verify().named


def test_a_death_that_never_was_is_named(bob, verify, tamper):
    insert(tamper, bob, sequence=6, start_state="active", end_state="", transition="delete", cause="deleted")

    assert {("edited", "bob", 6), ("state", "bob", 6)} <= set(verify().named)


def test_a_birth_of_nobody_is_named(bob, verify, tamper):
    insert(tamper, bob, user_id=777, sequence=0, start_state="", end_state="active", transition="create")

    assert {("edited", "bob", 0), ("no_death", "bob", 0)} <= set(verify().named)


def test_a_signature_that_claims_to_be_of_format_1_is_named(bob, verify, tamper):
    tamper(f"UPDATE {RECORDS} SET signature = '1' || substr(signature, 2) WHERE user_id = %s", [bob.pk])

    assert {("edited", "bob", sequence) for sequence in range(6)} <= set(verify().named)


def test_a_seal_in_the_place_of_a_salt_is_named(bob, verify, tamper):
    tamper(f"UPDATE {RECORDS} SET person_salt = '=' || person_salt WHERE user_id = %s AND sequence = 3", [bob.pk])

    assert {("edited", "bob", 3), ("erased", "bob", 3)} <= set(verify().named)


def test_a_time_that_is_a_millisecond_later_is_named(bob, verify, tamper):
    if connection.vendor == "sqlite":
        later = "strftime('%%Y-%%m-%%d %%H:%%M:%%f', datetime, '+0.001 seconds') || '000'"
    else:
        later = "datetime + interval '1 millisecond'"
    tamper(f"UPDATE {RECORDS} SET datetime = {later} WHERE user_id = %s AND sequence = 3", [bob.pk])

    assert verify().named == [("edited", "bob", 3)]


@pytest.mark.parametrize("details", ["null", "[]", "0", "false", '""'])
def test_details_that_are_nothing_of_another_kind_are_named(bob, verify, tamper, details):
    tamper(f"UPDATE {RECORDS} SET details = %s WHERE user_id = %s AND sequence = 3", [details, bob.pk])

    assert verify().named == [("unreadable", "bob", 3)]

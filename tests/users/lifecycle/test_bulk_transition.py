"""Transitions of many accounts: the promises of one, and those that only many need."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django_fsm.signals import post_transition

from audit.models import UserStateAudit
from tests.factories import make_invited, make_user
from tests.truth import assert_true_record, truth
from users.lifecycle import Refusal
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db


class Interrupted(Exception):
    pass


@pytest.fixture
def people():
    return [make_user(f"person{number}") for number in range(5)]


def states(people):
    return [truth(person).state for person in people]


def test_everybody_in_the_queryset_makes_the_transition_and_nobody_else(people):
    outcome = UserFSM.objects.filter(user__in=people[:3]).bulk_transition("lock", by="system", description="audit")

    assert outcome.changed == 3
    assert outcome.refused == []
    assert states(people) == [State.LOCKED] * 3 + [State.ACTIVE] * 2
    for person in people:
        assert_true_record(person)


def test_refusals_are_collected_with_who_and_why_and_the_others_move(people):
    locked = make_user("locked", state=State.LOCKED)
    invited = make_user("invited", state=State.INVITED)
    before = truth(locked), truth(invited)

    outcome = UserFSM.objects.bulk_transition("lock")

    assert outcome.changed == 5
    assert outcome.refused == [
        Refusal(locked.pk, "locked", State.LOCKED),
        Refusal(invited.pk, "invited", State.INVITED),
    ]
    assert (truth(locked), truth(invited)) == before


def test_batches_are_as_large_as_asked_for_and_progress_is_told_after_each(people):
    progress: list[int] = []

    UserFSM.objects.bulk_transition("lock", batch_size=2, on_progress=progress.append)

    assert progress == [2, 4, 5]
    assert states(people) == [State.LOCKED] * 5


def test_the_batch_size_comes_from_the_settings(settings, people):
    settings.USERS_BULK_BATCH_SIZE = 4
    progress: list[int] = []

    UserFSM.objects.bulk_transition("lock", on_progress=progress.append)

    assert progress == [4, 5]


@pytest.mark.django_db(transaction=True)
def test_interrupted_between_batches_what_is_committed_is_whole_and_a_second_call_does_the_rest(people):
    def interrupt(seen):
        if seen == 4:
            raise Interrupted

    with pytest.raises(Interrupted):
        UserFSM.objects.bulk_transition("lock", batch_size=2, on_progress=interrupt)

    assert states(people) == [State.LOCKED] * 4 + [State.ACTIVE]
    assert UserFSM.objects.in_state(State.ACTIVE).bulk_transition("lock").changed == 1
    for person in people:
        assert assert_true_record(person).state == State.LOCKED


@pytest.mark.django_db(transaction=True)
def test_a_failure_undoes_its_batch_and_keeps_those_before_it(people, receive):
    def fail_for_the_fourth(instance, **kwargs):
        if instance.user_id == people[3].pk:
            raise Interrupted

    receive(post_transition, fail_for_the_fourth)

    with pytest.raises(Interrupted):
        UserFSM.objects.bulk_transition("lock", batch_size=2)

    assert states(people) == [State.LOCKED] * 2 + [State.ACTIVE] * 3
    for person in people:
        assert_true_record(person)


def test_inside_a_transaction_of_the_caller_all_batches_are_one(people):
    with pytest.raises(Interrupted), transaction.atomic():
        UserFSM.objects.bulk_transition("lock", batch_size=2)
        raise Interrupted

    assert states(people) == [State.ACTIVE] * 5


def test_a_refused_transition_that_a_receiver_makes_undoes_the_batch_and_is_no_refusal_of_the_account(people, receive):
    bystander = make_user("bystander", state=State.INVITED)
    receive(post_transition, lambda instance, **kwargs: bystander.fsm.lock())

    with pytest.raises(Exception, match="'bystander' is invited"):
        UserFSM.objects.filter(user__in=people).bulk_transition("lock")

    assert states(people) == [State.ACTIVE] * 5
    for person in people:
        assert_true_record(person)


def test_a_sliced_queryset_moves_its_slice(people):
    UserFSM.objects.order_by("-pk")[1:3].bulk_transition("lock", batch_size=1)

    assert states(people) == [State.ACTIVE, State.ACTIVE, State.LOCKED, State.LOCKED, State.ACTIVE]


def test_a_union_moves_both_parts(people):
    first, last = UserFSM.objects.filter(user=people[0]), UserFSM.objects.filter(user=people[4])

    assert first.union(last).bulk_transition("lock").changed == 2

    assert states(people) == [State.LOCKED, *[State.ACTIVE] * 3, State.LOCKED]


def test_a_reversed_queryset_moves_whole(people):
    assert UserFSM.objects.reverse().bulk_transition("lock", batch_size=2).changed == 5

    assert states(people) == [State.LOCKED] * 5


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no DISTINCT ON")
def test_a_queryset_that_is_distinct_on_a_column_moves_what_it_finds(people):
    first_of_each = UserFSM.objects.order_by("current_state", "-pk").distinct("current_state")

    assert first_of_each.bulk_transition("lock", batch_size=2).changed == 1

    assert states(people) == [*[State.ACTIVE] * 4, State.LOCKED]


def test_an_account_that_a_join_names_twice_moves_once(people):
    for number in range(2):
        Group.objects.create(name=f"group{number}").user_set.set(people)
    progress: list[int] = []

    outcome = UserFSM.objects.filter(user__groups__name__startswith="group").bulk_transition(
        "lock", batch_size=3, on_progress=progress.append
    )

    assert (outcome.changed, progress[-1]) == (5, 5)
    assert outcome.refused == []


def test_a_queryset_whose_condition_the_transition_ends_is_moved_to_its_end(people):
    outcome = UserFSM.objects.in_state(State.ACTIVE).bulk_transition("lock", batch_size=2)

    assert outcome.changed == 5


def test_an_empty_queryset_moves_nobody():
    outcome = UserFSM.objects.none().bulk_transition("lock")

    assert (outcome.changed, outcome.refused) == (0, [])


def test_the_records_of_one_call_share_one_correlation_id(people):
    UserFSM.objects.filter(user__in=people[:3]).bulk_transition("lock", batch_size=2)
    UserFSM.objects.filter(user__in=people[3:]).bulk_transition("lock")

    ids = [UserStateAudit.objects.transitions().of(person).latest().request_id for person in people]
    assert all(ids)
    assert len(set(ids[:3])) == len(set(ids[3:])) == 1
    assert ids[0] != ids[3]


def test_by_and_description_reach_every_record_and_state_log(people):
    boss = make_user("boss")

    UserFSM.objects.filter(user__in=people).bulk_transition("lock", by=boss, description="reported stolen")

    records = UserStateAudit.objects.by(boss)
    assert {(each.initiated_by, each.description) for each in records} == {("boss", "reported stolen")}
    assert records.count() == 5
    assert User.objects.filter(is_active=True).get() == boss


def test_a_batch_that_is_not_full_is_the_last_that_is_asked_for(people):
    def asked(size):
        with CaptureQueriesContext(connection) as queries:
            UserFSM.objects.bulk_transition("activate", batch_size=size)  # refused: nothing else is written
        return len(
            [each for each in queries if re.match(r'SELECT "user_lifecycle_userfsm"."id" AS .* LIMIT', each["sql"])]
        )

    assert [asked(6), asked(5), asked(3), asked(2)] == [1, 2, 2, 3]


def test_two_hundred_accounts_cost_a_few_statements_more_than_five(people):
    def statements(accounts):
        with CaptureQueriesContext(connection) as queries:
            accounts.bulk_transition("lock")
        return len(queries)

    few = statements(UserFSM.objects.filter(user__in=people))
    make_invited(f"employee{number}" for number in range(200))
    employees = UserFSM.objects.filter(user__username__startswith="employee")
    employees.bulk_transition("activate")

    assert statements(employees) <= few + 5  # SQLite inserts many rows in several statements

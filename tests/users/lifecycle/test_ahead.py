"""Many accounts are written in parts while Python goes on; nothing that a receiver does or sees depends on it."""

from contextlib import suppress

import psycopg
import pytest
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, OperationalError, connection, transaction
from django_fsm.signals import post_transition
from django_fsm_log.models import StateLog

from audit.models import UserStateAudit
from tests.factories import make_user
from tests.truth import assert_true_record, truth
from users.exceptions import OutcomeUnknown
from users.lifecycle.writing import part
from users.models import UserFSM
from users.rows.provisioning import provision_missing
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

COUNT = 7

postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite writes when Python has ended")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(part, "SIZE", 2)


@pytest.fixture
def people():
    return [make_user(f"person{number}") for number in range(COUNT)]


def lock_all():
    return UserFSM.objects.in_state(State.ACTIVE).bulk_transition("lock", by="system")


def assert_all_locked(people):
    assert {assert_true_record(person).state for person in people} == {State.LOCKED}


def assert_nothing_happened(before):
    assert [truth(User(pk=key)) for key in before] == list(before.values())
    assert connection.execute_wrappers == []
    lock_all()  # the connection is as good as new
    assert_all_locked([User(pk=key) for key in before])


@pytest.fixture
def before(people):
    return {person.pk: truth(person) for person in people}


@postgresql
def test_the_server_writes_the_first_ones_while_the_next_are_run(people, receive):
    modes = []
    receive(post_transition, lambda **kwargs: modes.append(connection.connection.info.pipeline_status.name))

    lock_all()

    assert modes == ["OFF", "OFF", "ON", "ON", "ON", "ON", "ON"]
    assert_all_locked(people)


@pytest.mark.parametrize("how", ["in a transaction of the caller", "alone"])
def test_a_receiver_that_saves_learns_that_its_row_is_there(people, receive, how):
    group = Group.objects.create(name="those who were locked")
    receive(post_transition, lambda **kwargs: group.save())

    if how == "alone":
        lock_all()
    else:
        with transaction.atomic():
            lock_all()

    assert list(Group.objects.filter(name=group.name)) == [group]
    assert_all_locked(people)


def test_a_savepoint_of_a_receiver_takes_nothing_along_when_it_is_rolled_back(people, receive):
    def try_in_vain(**kwargs):
        with suppress(LookupError), transaction.atomic():
            Group.objects.create(name="of nobody")
            raise LookupError

    receive(post_transition, try_in_vain)

    lock_all()

    assert not Group.objects.filter(name="of nobody").exists()
    assert_all_locked(people)


def test_a_receiver_moves_another_account_meanwhile(people, receive):
    others = {person.pk: make_user(f"friend{person.pk}", state=State.LOCKED) for person in people}

    def free_the_friend(instance, name, **kwargs):
        if name == "lock":
            others[instance.user_id].fsm.unlock(by="system")

    receive(post_transition, free_the_friend)

    lock_all()

    assert_all_locked(people)
    assert {assert_true_record(friend).state for friend in others.values()} == {State.ACTIVE}


@pytest.mark.parametrize("number", [0, 3, 6])
@pytest.mark.parametrize("error", [LookupError, KeyboardInterrupt])
def test_an_error_of_a_receiver_undoes_all_of_the_batch(before, receive, number, error):
    left = iter(range(COUNT))

    def fail(**kwargs):
        if next(left, None) == number:
            raise error

    receive(post_transition, fail)

    with pytest.raises(error):
        lock_all()

    assert_nothing_happened(before)


@pytest.fixture
def refused():
    """Refuse the state of this account, as a trigger of somebody else would, until the end of the test."""
    with connection.cursor() as cursor:

        def refuse(key, how):
            body = {"raises": "RAISE EXCEPTION ''not him''", "swallows": "RETURN NULL"}[how]
            cursor.execute(f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {body}; END'")
            cursor.execute(
                "CREATE TRIGGER aaa BEFORE UPDATE ON user_lifecycle_userfsm FOR EACH ROW"
                f" WHEN (NEW.user_id = {key}) EXECUTE FUNCTION refuse()"
            )

        yield refuse
        cursor.execute("DROP FUNCTION refuse CASCADE")


@pytest.fixture(params=[True, False], ids=["with a query of a receiver", "undisturbed"])
def watched(request, receive):
    """A receiver that asks the database something, or none."""
    if request.param:
        receive(post_transition, lambda **kwargs: Group.objects.count())


@postgresql
@pytest.mark.parametrize("number", [0, 3, 6])
@pytest.mark.parametrize("how", ["raises", "swallows"])
@pytest.mark.usefixtures("watched")
def test_what_the_server_refuses_is_raised_and_undoes_all(before, refused, number, how):
    error, words = {"raises": (DatabaseError, "not him"), "swallows": (UserFSM.DoesNotExist, "was deleted")}[how]
    refused(list(before)[number], how)

    with pytest.raises(error, match=words) as raised:
        lock_all()
    assert not isinstance(raised.value, OutcomeUnknown)

    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER aaa ON user_lifecycle_userfsm")
    assert_nothing_happened(before)


@postgresql
def test_an_error_of_the_server_that_a_receiver_swallows_is_raised_at_the_end(before, receive, refused):
    def look_away(**kwargs):
        try:
            Group.objects.count()
        except DatabaseError:
            return

    refused(min(before), "raises")
    receive(post_transition, look_away)

    with pytest.raises(DatabaseError, match="not him"):
        lock_all()

    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER aaa ON user_lifecycle_userfsm")
    assert_nothing_happened(before)


@postgresql
@pytest.mark.parametrize("number", [1, 2, 5])
def test_a_connection_that_goes_meanwhile_leaves_nothing_and_no_doubt(before, receive, number):
    left = iter(range(COUNT))

    def cut(**kwargs):
        if next(left, None) == number:
            info = connection.connection.info
            with psycopg.connect(info.dsn, password=info.password, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 10000)", [info.backend_pid])

    receive(post_transition, cut)

    with pytest.raises(OperationalError) as raised:
        lock_all()

    assert not isinstance(raised.value, OutcomeUnknown)
    connection.close()
    assert_nothing_happened(before)


def test_accounts_that_refuse_are_told_apart_in_each_part(people):
    for person in people[::2]:
        person.fsm.lock()

    outcome = UserFSM.objects.bulk_transition("lock", by="system")

    assert (outcome.changed, len(outcome.refused)) == (3, 4)
    assert_all_locked(people)


def test_the_births_of_many_are_written_in_parts_too(time_machine):
    User.objects.bulk_create(User(username=f"found{number}", is_active=number % 2 == 0) for number in range(COUNT))

    assert provision_missing(using="default") == COUNT

    for person in User.objects.all():
        assert_true_record(person, start=State.ACTIVE if person.is_active else State.DEACTIVATED)
    assert StateLog.objects.count() == 0
    assert UserStateAudit.objects.count() == COUNT

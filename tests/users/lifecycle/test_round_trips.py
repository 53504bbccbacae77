"""How often a transition waits for PostgreSQL, and that nothing else changes where BEGIN and COMMIT travel along."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django_fsm.signals import post_transition

from audit.exceptions import RefusedByDatabase
from audit.models import UserStateAudit
from tests.factories import make_user
from tests.servers.cut_connection import Proxy, cuttable
from tests.truth import assert_true_record, truth
from users import lifecycle
from users.exceptions import TransitionRefused
from users.models import UserFSM

pytestmark = [
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite is not away"),
    pytest.mark.django_db(transaction=True),
]

TOGETHER, ONE_BY_ONE = 2, 4


@pytest.fixture
def proxy(transactional_db: None) -> Iterator[Proxy]:
    with cuttable() as proxy:
        yield proxy


@pytest.fixture
def waits(proxy):
    """Return how often a call waits for the server."""

    def counted(call):
        before = proxy.turns
        call()
        return proxy.turns - before

    return counted


@pytest.fixture
def fsm(proxy):
    """An account on a connection on which everything has been done before."""
    fsm = make_user("ada").fsm
    fsm.lock(by="system")
    fsm.unlock(by="system")
    return fsm


def test_a_transition_waits_twice(waits, fsm):
    assert waits(fsm.lock) == TOGETHER
    assert_true_record(fsm.user)


def test_a_batch_waits_twice_and_once_for_its_keys(waits, fsm):
    everybody = UserFSM.objects.all()
    assert waits(lambda: everybody.bulk_transition("lock", by="system")) == TOGETHER + 1


def test_a_refused_transition_writes_nothing_and_the_connection_goes_on(fsm):
    before = truth(fsm.user)
    with pytest.raises(TransitionRefused):
        fsm.unlock()
    assert truth(fsm.user) == before

    fsm.lock()
    assert_true_record(fsm.user)


@pytest.mark.parametrize("switch", ["setting", "wrapper", "log", "isolation level"])
def test_where_it_cannot_be_done_each_statement_is_waited_for(waits, fsm, settings, switch):
    def lock():
        if switch == "setting":
            settings.USERS_PIPELINE = False
            fsm.lock()
        elif switch == "wrapper":
            with connection.execute_wrapper(lambda execute, *args: execute(*args)):
                fsm.lock()
        elif switch == "log":
            with CaptureQueriesContext(connection) as queries:
                fsm.lock()
            assert [query["sql"].split()[0] for query in queries] == ["BEGIN", "SELECT", "WITH", "COMMIT"]
        else:
            from psycopg import IsolationLevel

            connection.connection.isolation_level = IsolationLevel.READ_COMMITTED
            fsm.lock()

    assert waits(lock) == ONE_BY_ONE
    assert_true_record(fsm.user)


def test_a_backend_may_send_statements_of_its_own_with_each_cursor(fsm, monkeypatch):
    backend: Any = type(connections[connection.alias])
    usual = backend._cursor

    def with_search_path(self, name=None):
        cursor = usual(self, name)
        cursor.execute("SET search_path = 'public'")  # as django-tenants does
        return cursor

    monkeypatch.setattr(backend, "_cursor", with_search_path)

    fsm.lock()
    UserFSM.objects.all().bulk_transition("unlock", by="system")
    with pytest.raises(TransitionRefused):
        fsm.unlock()

    assert_true_record(fsm.user)
    assert connection.get_autocommit()


def test_the_transaction_of_the_caller_is_djangos(waits, fsm):
    def lock():
        with transaction.atomic():
            fsm.lock()

    statements = ["BEGIN", "SAVEPOINT", "SELECT", "WITH", "RELEASE", "COMMIT"]
    assert waits(lock) == len(statements)


def test_what_is_done_last_is_done_before_the_commit(fsm, receive):
    seen = []

    def look(items, *, using):
        seen.append((connection.in_atomic_block, UserFSM.objects.get(pk=fsm.pk).current_state, items))

    receive(post_transition, lambda **kwargs: lifecycle.finish_with(look, "item"))
    fsm.lock()

    assert seen == [(True, "locked", ["item"])]
    assert_true_record(fsm.user)


def test_a_refusal_by_the_database_is_raised_with_its_rule(fsm, receive):
    before = truth(fsm.user)
    receive(post_transition, lambda instance, **kwargs: instance.__dict__.update(current_state="deactivated"))

    with pytest.raises(RefusedByDatabase) as raised:
        fsm.lock()

    assert raised.value.rule == "record_follows_from_the_state"
    assert truth(fsm.user) == before


def test_a_refusal_at_commit_is_raised_with_its_rule(fsm, receive, monkeypatch):
    records = UserStateAudit.objects.count()
    stranger = make_user("bob")
    last = UserStateAudit.objects.get(user=stranger, sequence=stranger.fsm.version)

    def record_of_a_stranger(**kwargs):
        values = {field.attname: getattr(last, field.attname) for field in last._meta.concrete_fields}
        values |= {"id": None, "sequence": last.sequence + 1, "start_state": "active", "end_state": "locked"}
        lifecycle.write_along(UserStateAudit(**values))

    records = UserStateAudit.objects.count()
    receive(post_transition, record_of_a_stranger)
    with pytest.raises(RefusedByDatabase) as raised:
        fsm.lock()

    assert raised.value.rule == "record_comes_with_its_change"
    assert UserStateAudit.objects.count() == records


def test_a_lock_that_is_not_given_is_an_error_after_which_the_connection_goes_on(fsm):
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT id FROM user_lifecycle_userfsm WHERE id = %s FOR UPDATE", [fsm.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")

        with pytest.raises(OperationalError, match="lock timeout"):
            fsm.lock()
    finally:
        other.rollback()
        other.close()

    fsm.lock()
    assert_true_record(fsm.user)

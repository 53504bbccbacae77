"""PostgreSQL keeps the plans of what every transition sends, where the database's OPTIONS say so."""

import pytest
from django.db import connection

from tests.factories import make_user
from tests.truth import assert_true_record
from users.states import State

pytestmark = [
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite's driver keeps plans by itself"),
    pytest.mark.django_db,
]

ENOUGH = 4  # there and back: more often than `prepare_threshold`


def kept():
    """The statements that this connection keeps a plan of."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements ")
        return [statement for (statement,) in cursor.fetchall()]


def go_there_and_back(fsm):
    for _ in range(ENOUGH):
        fsm.lock()
        fsm.unlock(by=fsm.user, description="found")


@pytest.fixture
def threshold():
    """Set the `prepare_threshold` of the connection: `threshold(None)`."""
    connection.ensure_connection()
    driver = connection.connection
    before = driver.prepare_threshold

    def set_to(value):
        driver.prepare_threshold = value

    yield set_to
    driver.prepare_threshold = before


def test_a_connection_keeps_the_plans_of_both_statements_of_a_transition(threshold):
    threshold(2)
    user = make_user()

    go_there_and_back(user.fsm)

    assert {statement.split()[0] for statement in kept() if "userfsm" in statement} == {"SELECT", "WITH"}
    assert assert_true_record(user).state == State.ACTIVE


def test_nothing_is_kept_without_a_threshold(threshold):
    threshold(None)
    user, before = make_user(), kept()

    go_there_and_back(user.fsm)

    assert kept() == before
    assert assert_true_record(user).state == State.ACTIVE


def test_statements_of_others_are_sent_as_django_sends_them(threshold):
    threshold(0)
    user = make_user()
    before = kept()

    user.refresh_from_db()

    assert kept() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("migration", "way_back"),
    [
        pytest.param(
            "ALTER TABLE user_lifecycle_userfsm ADD COLUMN later integer NOT NULL DEFAULT 0",
            "ALTER TABLE user_lifecycle_userfsm DROP COLUMN later",
            id="that is new",
        ),
        pytest.param(
            "ALTER TABLE auth_user ALTER COLUMN username TYPE varchar(151)",
            "ALTER TABLE auth_user ALTER COLUMN username TYPE varchar(150)",
            id="that is longer, of the users",
        ),
        pytest.param(
            "ALTER TABLE user_lifecycle_userfsm ALTER COLUMN failed_login_addresses TYPE varchar(1001)",
            "ALTER TABLE user_lifecycle_userfsm ALTER COLUMN failed_login_addresses TYPE varchar(1000)",
            id="that is longer, of the states",
        ),
    ],
)
def test_a_plan_outlives_a_column_from_another_connection(threshold, migration, way_back):
    threshold(2)
    user = make_user()
    go_there_and_back(user.fsm)
    migrating = connection.copy()
    try:
        with migrating.cursor() as cursor:
            cursor.execute(migration)

        go_there_and_back(user.fsm)

        assert assert_true_record(user).state == State.ACTIVE
    finally:
        with migrating.cursor() as cursor:
            cursor.execute(way_back)
        migrating.close()

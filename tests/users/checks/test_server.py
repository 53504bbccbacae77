import pytest
from django.core.checks import run_checks
from django.db import connection

from users.checks import server
from users.checks.server import check_date_style, check_encoding, check_isolation

pytestmark = pytest.mark.django_db
POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one isolation and one encoding")


def ids(check):
    return [each.id for each in check(None, databases=["default"])]


def test_what_servers_do_by_default_is_right():
    assert ids(check_isolation) == ids(check_encoding) == ids(check_date_style) == []
    assert not {"users.W041", "users.W042", "users.W043"} & {each.id for each in run_checks(databases=["default"])}


@POSTGRESQL
@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_an_isolation_that_the_server_has_by_default_is_named(level):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL default_transaction_isolation = '{level}'")

    (message,) = check_isolation(None, databases=["default"])

    assert (message.id, message.msg) == ("users.W041", f"Transactions on the database 'default' are {level.upper()}")


@POSTGRESQL
@pytest.mark.django_db(transaction=True)
def test_an_isolation_in_the_options_is_named(monkeypatch):
    from psycopg import IsolationLevel

    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "isolation_level", IsolationLevel.SERIALIZABLE)
    connection.close()
    try:
        assert ids(check_isolation) == ["users.W041"]
    finally:
        connection.close()


@POSTGRESQL
def test_an_encoding_that_cannot_hold_every_name_is_named(monkeypatch):
    monkeypatch.setattr(server, "_said", lambda alias, setting: "LATIN1")

    assert ids(check_encoding) == ["users.W042"]


@POSTGRESQL
@pytest.mark.parametrize("style", ["German", "SQL, DMY", "Postgres, MDY"])
def test_a_style_of_times_that_the_driver_cannot_read_is_named(style):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL datestyle = '{style}'")

    (message,) = check_date_style(None, databases=["default"])

    assert message.id == "users.W043"
    assert style.partition(",")[0] in message.msg


@POSTGRESQL
def test_other_orders_of_day_and_month_are_left_alone():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL datestyle = 'ISO, DMY'")

    assert ids(check_date_style) == []

"""SQLite takes so many parameters in a statement and no more; how many is decided where it is compiled."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection

from users.invitations import lists
from users.models import UserFSM
from users.rows.provisioning import provision_missing
from users.schedule import dormancy

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL is sent arrays"),
]

FEW, MORE = 60, 70


@pytest.fixture
def few_parameters():
    connection.ensure_connection()
    limit = connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, FEW)
    yield
    connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, limit)


def test_more_people_are_warned_of_their_dormancy_than_a_statement_takes_parameters(request):
    then = datetime(2020, 1, 1, tzinfo=UTC)
    User.objects.bulk_create(
        User(username=f"person{number}", email=f"person{number}@example.com", date_joined=then)
        for number in range(MORE)
    )
    provision_missing(using="default")
    request.getfixturevalue("few_parameters")

    assert dormancy.run(timedelta(days=90), timedelta(days=14)).warned == MORE


def test_more_people_are_invited_than_a_statement_takes_parameters(few_parameters, monkeypatch, tmp_path):
    monkeypatch.setattr(lists, "LINES_PER_QUERY", 10)
    people = tmp_path / "people.csv"
    people.write_text("email\n" + "".join(f"person{number}@example.com\n" for number in range(MORE)))

    call_command("invite", people)

    assert UserFSM.objects.in_state("invited").count() == MORE
